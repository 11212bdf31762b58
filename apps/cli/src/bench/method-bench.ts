import { ChangePlan, changedImages, DifferentVariants } from '@clearmaps/deconvnet/changes';
import { GraphPlan } from '@clearmaps/deconvnet/graph';
import { createMethod, type Engine, type MethodName } from '@clearmaps/methods';
import type { Clearmaps } from 'clearmaps';
import { openChosen } from '../backends.ts';
import { timeInRounds } from './rounds.ts';

export interface MethodBenchRequest {
  readonly method: MethodName;
  readonly backend: string;
  readonly cm: Clearmaps;
  /** The same on several threads, an engine each. */
  readonly pooled: Clearmaps | undefined;
  /** [H, W, C]. */
  readonly image: Float32Array;
  readonly reference: Float32Array | undefined;
  readonly options: Readonly<Record<string, number | string>>;
  readonly rounds: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly onRound?: () => void;
}

/** One image by one method, timed round by round. All classes at once but for the last. */
export interface MethodBench {
  readonly backend: string;
  /** Variants of the image that the method asks the scores of, one a window and draw. */
  readonly variants: number;
  /** Of these, as the method runs: what is computed. The others are the image itself, or one that is computed. */
  readonly computed: number;
  /** Of these: windows that hold what the image has there. */
  readonly unchanged: number;
  /** Least that windows leave: of the multiply-adds of a whole pass a variant, what lies where they reach. */
  readonly reached: number;
  /** As the method runs: batches of what the windows change. */
  readonly ms: number;
  /** The same on several threads, an engine each. */
  readonly pooledMs?: number;
  /** Batches of whole images. */
  readonly wholeImagesMs: number;
  /** One whole image a forward pass. */
  readonly oneWindowMs: number;
  /** One whole image a forward pass, and for each class again: a class's time, as often as there are classes. */
  readonly oneWindowOneClassMs: number;
}

export async function benchMethod(request: MethodBenchRequest): Promise<MethodBench> {
  const { method, cm, pooled, image, reference, options, rounds, seconds, signal, onRound } = request;
  const prepare = (engine: Engine) =>
    createMethod({
      method,
      graph: cm.model,
      engine,
      open: (part) => openChosen(part, { backend: request.backend }),
      options,
      reference,
    });
  const own = await prepare(cm);
  const onThreads = pooled && (await prepare(pooled));
  const count = { variants: 0, computed: 0, unchanged: 0, passes: 0 };
  const counted = await prepare(counting(cm, count));
  const whole = await prepare(wholeImages(cm));
  const single = await prepare(oneByOne(cm));
  const all = [own, whole, single, ...(onThreads ? [onThreads] : [])];
  try {
    await counted.explain(image, { signal });
    const run = (explain: () => Promise<unknown>) => ({
      run: async () => {
        await explain();
      },
    });
    const oneClass = run(() => single.explain(image, { classes: [0], signal }));
    const tasks = [...all.map((explainer) => run(() => explainer.explain(image, { signal }))), oneClass];
    const timings = await timeInRounds(tasks, { rounds, seconds, signal, onRound });
    const [ms, wholeImagesMs, oneWindowMs] = timings.map((timing) => timing.ms);
    return {
      backend: cm.backend.name,
      variants: count.variants,
      computed: count.computed,
      unchanged: count.unchanged,
      reached: count.passes / count.variants,
      ms: ms!,
      ...(onThreads && { pooledMs: timings[3]!.ms }),
      wholeImagesMs: wholeImagesMs!,
      oneWindowMs: oneWindowMs!,
      oneWindowOneClassMs: cm.classCount * timings.at(-1)!.ms,
    };
  } finally {
    for (const explainer of [...all, counted]) await explainer.dispose();
  }
}

interface Count {
  variants: number;
  computed: number;
  unchanged: number;
  /** Whole passes that take as many multiply-adds as what is computed, where each patch is as small as can be. */
  passes: number;
}

/** Counts what is asked and what is computed. */
function counting(cm: Clearmaps, count: Count): Engine {
  const plan = ChangePlan.of(new GraphPlan(cm.model));
  return {
    ...callsOf(cm),
    predictChanges: (image, windows, options) => {
      const variants = new DifferentVariants(cm.model.inputShape, image, windows);
      count.variants += variants.of.length;
      count.computed += variants.count;
      count.unchanged += variants.unchanged;
      const groups = plan?.groups(variants);
      count.passes += groups
        ? groups.reduce((sum, { share, members }) => sum + share * members.length, 0)
        : variants.count;
      return cm.predictChanges(image, windows, options);
    },
  };
}

/** Of different variants: as the method runs, in whole images. */
function wholeImages(cm: Clearmaps): Engine {
  return {
    ...callsOf(cm),
    predictChanges: (image, windows, options) =>
      cm.predictChanges(image, windows, { ...options, mostShare: 0 }),
  };
}

/** The plain way: one image after the other, whatever a window changes. */
function oneByOne(cm: Clearmaps): Engine {
  return {
    ...callsOf(cm),
    async predictChanges(image, windows) {
      const count = windows.corners.length / 2;
      const logits = new Float32Array(count * cm.classCount);
      const probabilities = new Float32Array(count * cm.classCount);
      for (let i = 0; i < count; i++) {
        const scores = await cm.predict(changedImages(cm.model.inputShape, image, windows, [i]));
        logits.set(scores.logits, i * cm.classCount);
        probabilities.set(scores.probabilities, i * cm.classCount);
      }
      return { logits, probabilities };
    },
  };
}

function callsOf(cm: Clearmaps): Omit<Engine, 'predictChanges'> {
  return {
    explain: (input, options) => cm.explain(input, options),
    predict: (input) => cm.predict(input),
    featureMap: (input) => cm.featureMap(input),
    dispose: () => undefined,
  };
}
