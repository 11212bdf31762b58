import golden from '@clearmaps/deconvnet/golden/ties-flat-background.json?url';
import {
  type Explanation,
  GraphPlan,
  type LayerGraph,
  type Rule,
  type Seed,
  wayBack,
} from '@clearmaps/deconvnet/graph';
import { type Picture, parseGoldenCase } from '@clearmaps/models';
import { BackendError } from 'clearmaps';
import { verifyGoldenCase } from 'clearmaps/verify';
import { messageOf } from '../errors.ts';
import { fetchBytes } from '../input/fetch-bytes.ts';
import { type BackendChoice, backendInWorker, startEngine } from '../start-engine.ts';

const ROUNDS = 3;

/** How one backend did. */
export interface BackendReport {
  readonly name: BackendChoice;
  /** Why it does not run here. */
  readonly missing?: string;
  /** The fastest of a few explanations of the picture, after one to warm up. */
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
  readonly rule: Rule;
  readonly seed: Seed;
  readonly classes: readonly number[];
}

/**
 * Runs one picture on every backend and compares what they give with the plain JavaScript of `cpu`.
 *
 * @param onReport told as each is done
 */
export async function compareBackends(
  job: ComparisonJob,
  signal: AbortSignal,
  onReport: (report: BackendReport) => void,
): Promise<void> {
  const known = parseGoldenCase(JSON.parse(new TextDecoder().decode(await fetchBytes(golden))));
  let reference: Awaited<ReturnType<typeof timed>> | undefined;
  for (const name of ['cpu', 'wasm', 'webgpu'] as const) {
    signal.throwIfAborted();
    try {
      const { passed } = await verifyGoldenCase(known, backendInWorker(name));
      const answer = await timed(job, name, signal);
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
  { model, picture, rule, seed, classes }: ComparisonJob,
  name: BackendChoice,
  signal: AbortSignal,
) {
  const plan = new GraphPlan(model);
  const layers = wayBack(plan).flatMap((layer) => (layer.type === 'maxPool2d' ? [layer.name] : []));
  const cm = await startEngine(model, name);
  try {
    let milliseconds = Number.POSITIVE_INFINITY;
    let explanation: Explanation;
    for (let round = 0; ; round++) {
      const start = performance.now();
      explanation = await cm.explain(picture, { rule, seed, classes, signal });
      if (round > 0) milliseconds = Math.min(milliseconds, performance.now() - start);
      if (round < ROUNDS) continue;
      // Beside the timed ones: reading the switches is no part of an explanation.
      const [first] = classes;
      const read = await cm.explain(picture, { rule, seed, classes: [first!], layers, maps: false, signal });
      return { explanation, milliseconds, switches: (read.layers ?? []).map((layer) => layer.switches!) };
    }
  } finally {
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
