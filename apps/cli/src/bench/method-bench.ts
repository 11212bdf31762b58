import { createMethod, type Engine, type MethodName } from '@clearmaps/methods';
import type { Clearmaps } from 'clearmaps';
import { openChosen } from '../backends.ts';
import { timeInRounds } from './rounds.ts';

export interface MethodBenchRequest {
  readonly method: MethodName;
  readonly backend: string;
  readonly cm: Clearmaps;
  /** [H, W, C]. */
  readonly image: Float32Array;
  readonly reference: Float32Array | undefined;
  readonly options: Readonly<Record<string, number | string>>;
  readonly rounds: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** One image by one method, three ways, timed round by round. */
export interface MethodBench {
  readonly backend: string;
  /** Variants of the image that the net scores. */
  readonly variants: number;
  /** Batches, all classes at once. */
  readonly batchedMs: number;
  /** One variant a forward pass, all classes at once. */
  readonly oneWindowMs: number;
  /** One variant a forward pass, and for each class again. */
  readonly oneWindowOneClassMs: number;
}

export async function benchMethod(request: MethodBenchRequest): Promise<MethodBench> {
  const { method, cm, image, reference, options, rounds, seconds, signal } = request;
  const prepare = (engine: Engine) =>
    createMethod({
      method,
      graph: cm.model,
      engine,
      open: (part) => openChosen(part, request.backend),
      options,
      reference,
    });
  const batched = await prepare(cm);
  const single = await prepare(oneByOne(cm));
  let variants = 0;
  try {
    await batched.explain(image, {
      signal,
      onProgress: (_, total) => {
        variants = total;
      },
    });
    const run = (explain: () => Promise<unknown>) => ({
      run: async () => {
        await explain();
      },
    });
    const [all, windows, classes] = await timeInRounds(
      [
        run(() => batched.explain(image)),
        run(() => single.explain(image)),
        run(async () => {
          for (let c = 0; c < cm.classCount; c++) await single.explain(image, { classes: [c] });
        }),
      ],
      { rounds, seconds, signal },
    );
    return {
      backend: cm.backend.name,
      variants,
      batchedMs: all!.ms,
      oneWindowMs: windows!.ms,
      oneWindowOneClassMs: classes!.ms,
    };
  } finally {
    await batched.dispose();
    await single.dispose();
  }
}

/** The same engine, asked for the scores of one image at a time. */
function oneByOne(cm: Clearmaps): Engine {
  const size = cm.model.inputShape.reduce((a, b) => a * b);
  return {
    explain: (input, options) => cm.explain(input, options),
    featureMap: (input) => cm.featureMap(input),
    dispose: () => undefined,
    async predict(input) {
      const scores: { logits: number[]; probabilities: number[] } = { logits: [], probabilities: [] };
      for (let at = 0; at < input.length; at += size) {
        const { logits, probabilities } = await cm.predict(input.slice(at, at + size));
        scores.logits.push(...logits);
        scores.probabilities.push(...probabilities);
      }
      return {
        logits: Float32Array.from(scores.logits),
        probabilities: Float32Array.from(scores.probabilities),
      };
    },
  };
}
