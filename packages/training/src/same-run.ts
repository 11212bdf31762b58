import type { Checkpoint } from './checkpoint.ts';
import { TrainingError } from './errors.ts';

/** What must not change between a run and the one that resumes it. */
export type RunIdentity = Pick<Checkpoint, 'network' | 'data' | 'split' | 'options'>;

/** @throws TrainingError when the checkpoint is of a run on another net, other data, another split or other options. */
export function checkSameRun(checkpoint: Checkpoint, run: RunIdentity): void {
  for (const what of ['network', 'data', 'split', 'options'] as const) {
    const [saved, asked] = [canonical(checkpoint[what]), canonical(run[what])];
    if (saved === asked) continue;
    throw new TrainingError({
      asked: `resumed training: ${what} ${asked}`,
      got: `a checkpoint of ${saved}`,
      remedy: 'Resume with what the run began with, or start a new one.',
    });
  }
}

/** JSON with sorted keys, so that equal values give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
