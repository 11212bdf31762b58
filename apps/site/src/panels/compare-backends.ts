import golden from '@clearmaps/deconvnet/golden/ties-flat-background.json?url';
import {
  DEFAULT_RULE,
  type Explanation,
  GraphPlan,
  type LayerGraph,
  wayBack,
} from '@clearmaps/deconvnet/graph';
import { type Picture, parseGoldenCase } from '@clearmaps/models';
import { BackendError } from 'clearmaps';
import { verifyGoldenCase } from 'clearmaps/verify';
import { messageOf } from '../errors.ts';
import { fetchBytes } from '../input/fetch-bytes.ts';
import { type AskedMethod, KeptMethod } from '../methods/kept-method.ts';
import { sweepRule } from '../methods/sweep-rule.ts';
import { type BackendChoice, backendInWorker, startEngine } from '../start-engine.ts';

const ROUNDS = 3;
/** Milliseconds of an explanation that is not made again to be timed. */
const LONG = 1500;

/** How one backend did. */
export interface BackendReport {
  readonly name: BackendChoice;
  /** Why it does not run here. */
  readonly missing?: string;
  /** The fastest of a few explanations of the picture, after one to warm up; of a long one its own. */
  readonly milliseconds?: number;
  /** Largest |difference| of the maps to those of the reference, over the largest |response|. */
  readonly difference?: number;
  /** Pixels whose dominant class is another one than the reference's. */
  readonly otherPixels?: number;
  /** Switches of all poolings, and how many of them are not those of the reference. */
  readonly switches?: number;
  readonly otherSwitches?: number;
  /** Whether it gives the known answers of a net whose pooling windows are full of ties. */
  readonly knownAnswers?: boolean;
}

export interface ComparisonJob {
  readonly model: LayerGraph;
  readonly picture: Picture;
  readonly asked: Omit<AskedMethod, 'backend'>;
  readonly classes: readonly number[];
}

/**
 * Runs one picture on every backend and compares what they give with the plain JavaScript of `cpu`.
 *
 * @param onReport told as each is done
 * @param onProgress told of explanations that take several steps
 */
export async function compareBackends(
  job: ComparisonJob,
  signal: AbortSignal,
  onReport: (report: BackendReport) => void,
  onProgress: (name: BackendChoice, share: number) => void,
): Promise<void> {
  const known = parseGoldenCase(JSON.parse(new TextDecoder().decode(await fetchBytes(golden))));
  let reference: Awaited<ReturnType<typeof timed>> | undefined;
  for (const name of ['cpu', 'wasm', 'webgpu'] as const) {
    signal.throwIfAborted();
    try {
      const { passed } = await verifyGoldenCase(known, backendInWorker(name));
      const answer = await timed(job, name, signal, (done, total) => onProgress(name, done / total));
      reference ??= answer;
      onReport({
        name,
        milliseconds: answer.milliseconds,
        knownAnswers: passed,
        ...differenceOf(answer.explanation, reference.explanation),
        ...switchesApart(answer.switches, reference.switches),
      });
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof BackendError ? error.details.got : undefined;
      onReport({ name, missing: reason ?? messageOf(error) });
    }
  }
}

async function timed(
  { model, picture, asked, classes }: ComparisonJob,
  name: BackendChoice,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
) {
  const plan = new GraphPlan(model);
  const layers = wayBack(plan).flatMap((layer) => (layer.type === 'maxPool2d' ? [layer.name] : []));
  const cm = await startEngine(model, name);
  const method = new KeptMethod();
  // What a way back tells of itself would be timed with it.
  const options = { classes, signal, ...(!sweepRule(asked.method) && { onProgress }) };
  const explain = async () => {
    const start = performance.now();
    const explanation = await method.explain(cm, picture, { ...asked, backend: name }, options);
    return { explanation, milliseconds: performance.now() - start };
  };
  try {
    let { explanation, milliseconds } = await explain();
    const rounds = milliseconds < LONG ? ROUNDS : 0;
    if (rounds > 0) milliseconds = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round++) {
      const again = await explain();
      milliseconds = Math.min(milliseconds, again.milliseconds);
      explanation = again.explanation;
    }
    // Beside the timed ones: reading the switches is no part of an explanation. They are those of the forward pass.
    const rule = sweepRule(asked.method) ?? DEFAULT_RULE;
    const [first] = classes;
    const read = await cm.explain(picture, { rule, classes: [first!], layers, maps: false, signal });
    return { explanation, milliseconds, switches: (read.layers ?? []).map((layer) => layer.switches!) };
  } finally {
    await method.dispose();
    await cm.dispose();
  }
}

function differenceOf(explanation: Explanation, reference: Explanation) {
  let worst = 0;
  let largest = 0;
  reference.maps.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - explanation.maps[i]!));
    largest = Math.max(largest, Math.abs(value));
  });
  const otherPixels = reference.dominantClass.filter((c, i) => c !== explanation.dominantClass[i]).length;
  return { difference: largest === 0 ? worst : worst / largest, otherPixels };
}

/** Bit by bit, window by window, of one picture. */
export function switchesApart(
  switches: readonly Int32Array[],
  reference: readonly Int32Array[],
): { readonly switches: number; readonly otherSwitches: number } {
  const apart = reference.map((places, k) => places.filter((place, i) => place !== switches[k]![i]).length);
  return {
    switches: reference.reduce((sum, { length }) => sum + length, 0),
    otherSwitches: apart.reduce((sum, count) => sum + count, 0),
  };
}
