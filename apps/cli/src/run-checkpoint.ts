import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '@clearmaps/training';
import { readCheckpoint, writeCheckpoint } from '@clearmaps/training/node';
import { UsageError } from './errors.ts';
import type { OutputFolder } from './output-folder.ts';

/** Its name in the folder of a run. */
export const CHECKPOINT = 'checkpoint.bin';

/** What a run leaves after each epoch, until it ends. */
export class RunCheckpoint {
  private constructor(
    private readonly path: string,
    /** Where the run goes on from. */
    readonly resume: Checkpoint | undefined,
  ) {}

  /**
   * @param folds of a run that measures by folds first: it may have been stopped before it came to a checkpoint
   * @throws UsageError, see {@link refuseStopped}, or where there is none to resume; TrainingError for a damaged one.
   */
  static async open(
    folder: OutputFolder,
    { resume, folds }: { readonly resume: boolean; readonly folds?: number },
  ): Promise<RunCheckpoint> {
    const path = join(folder.path, CHECKPOINT);
    if (!resume) refuseStopped(folder, CHECKPOINT);
    const goesOn = resume && (folds === undefined || existsSync(path));
    if (goesOn && !existsSync(path)) {
      throw new UsageError({
        asked: `train --resume --out ${folder.path}`,
        got: `no ${CHECKPOINT} there`,
        allowed: 'the folder of a run that was stopped after its first epoch',
        remedy: 'Leave --resume away to begin a run.',
      });
    }
    return new RunCheckpoint(path, goesOn ? await readCheckpoint(path) : undefined);
  }

  write(state: Checkpoint): Promise<void> {
    return writeCheckpoint(this.path, state);
  }

  /** Once all that the run was for is written. */
  remove(): Promise<void> {
    return rm(this.path, { force: true });
  }
}

/**
 * Of a run that begins anew.
 *
 * @throws UsageError where the folder holds the checkpoint of one that was stopped: its epochs would be lost.
 */
export function refuseStopped(folder: OutputFolder, checkpoint: string): void {
  if (!existsSync(join(folder.path, checkpoint))) return;
  throw new UsageError({
    asked: `train --out ${folder.path}`,
    got: `a folder with the ${checkpoint} of a run that was stopped`,
    remedy: 'Go on with that run by --resume, choose another folder, or delete the file to begin anew.',
  });
}
