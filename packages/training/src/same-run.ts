import type { Checkpoint } from './checkpoint.ts';
import { TrainingError } from './errors.ts';

/** What must not change between a run and the one that resumes it. */
export type RunIdentity = Pick<Checkpoint, 'network' | 'data' | 'split' | 'options'>;

/** @throws TrainingError when the checkpoint is of a run on another net, other data, another split or other options. */
export function checkSameRun(checkpoint: Checkpoint, run: RunIdentity): void {
  const { network, data, split, options } = checkpoint;
  checkSame('resumed training', { saved: { network, data, split, options }, asked: run });
}

/** @throws TrainingError naming the first part of what is asked for that was saved with another value. */
export function checkSame<T extends object>(
  what: string,
  { saved, asked }: { readonly saved: T; readonly asked: T },
): void {
  for (const part of Object.keys(asked) as (keyof T & string)[]) {
    const [before, now] = [canonical(saved[part]), canonical(asked[part])];
    if (before === now) continue;
    throw new TrainingError({
      asked: `${what}: ${part} ${now}`,
      got: `a checkpoint of ${before}`,
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
