import type { ChangeGroup, ChangePlan } from './change-plan.ts';
import {
  CHANGE_DEFAULTS,
  type ChangedWindows,
  type ChangeOptions,
  changedImages,
} from './changed-windows.ts';
import { evenChunks } from './class-chunks.ts';
import type { Prediction } from './explanation.ts';
import type { LayerGraph } from './layer-graph.ts';

export interface ChangeRequest {
  /** N. */
  readonly classes: number;
  /** [H, W, C]. */
  readonly image: Float32Array;
  readonly windows: ChangedWindows;
  readonly options: ChangeOptions;
}

/** The two ways of an engine to score variants. */
export interface ChangePasses {
  /** @param images [n, H, W, C] */
  full(images: Float32Array): Promise<Prediction>;
  /** @param members positions among the windows, of one group */
  changed(group: ChangeGroup, members: readonly number[]): Promise<Prediction>;
}

/**
 * Scores variants batch by batch: what changes alone where that is little of the net, else all of it.
 *
 * @param changes undefined where the engine or the net has full passes only
 */
export async function predictInGroups(
  changes: ChangePlan | undefined,
  shape: LayerGraph['inputShape'],
  { classes, image, windows, options }: ChangeRequest,
  { full, changed }: ChangePasses,
): Promise<Prediction> {
  const { batch, mostShare } = { ...CHANGE_DEFAULTS, ...options };
  const count = windows.corners.length / 2;
  const logits = new Float32Array(count * classes);
  const probabilities = new Float32Array(count * classes);
  const run = async (
    members: readonly number[],
    score: (members: readonly number[]) => Promise<Prediction>,
  ): Promise<void> => {
    for (const chunk of evenChunks(members, batch)) {
      const scores = await score(chunk);
      for (const [at, member] of chunk.entries()) {
        const part = [at * classes, (at + 1) * classes] as const;
        logits.set(scores.logits.subarray(...part), member * classes);
        probabilities.set(scores.probabilities.subarray(...part), member * classes);
      }
    }
  };
  const groups = changes?.groups(windows, batch / 2) ?? [];
  const small = groups.filter(({ share }) => share < mostShare);
  for (const group of small) await run(group.members, (members) => changed(group, members));
  const done = new Set(small.flatMap(({ members }) => members));
  const others = Array.from({ length: count }, (_, i) => i).filter((i) => !done.has(i));
  await run(others, (members) => full(changedImages(shape, image, windows, members)));
  return { logits, probabilities };
}

export function equalValues(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
