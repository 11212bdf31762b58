import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CrossValidationProgress,
  type CrossValidationRecord,
  type CrossValidationRequest,
  crossValidate,
} from '@clearmaps/training';
import { readCheckpoint, writeCheckpoint } from '@clearmaps/training/node';
import { UsageError } from './errors.ts';
import type { OutputFolder } from './output-folder.ts';
import { percent } from './percent.ts';
import { readJson } from './read-json.ts';
import { printRobustness } from './robustness-table.ts';
import { refuseStopped } from './run-checkpoint.ts';
import { printLine, type Terminal } from './terminal.ts';

const RECORD = 'cross-validation.json';
const CHECKPOINT = 'fold-checkpoint.bin';

export interface FoldsRun extends Omit<CrossValidationRequest, 'resume' | 'onFold' | 'onCheckpoint'> {
  readonly folder: OutputFolder;
  /** Go on from what is in the folder. */
  readonly resume: boolean;
  readonly terminal: Terminal;
}

/**
 * `--folds`: measures a recipe. `cross-validation.json` grows by each fold, each of which says its number and of how
 * many; a checkpoint of the fold at hand is kept beside it.
 *
 * @throws UsageError, TrainingError where there is nothing to go on from, or something that would be lost.
 */
export async function runFolds({ folder, resume, terminal, ...request }: FoldsRun): Promise<void> {
  if (!resume) refuseStopped(folder, CHECKPOINT);
  const checkpoint = join(folder.path, CHECKPOINT);
  const { pooled } = await crossValidate({
    ...request,
    ...(resume && { resume: await progressIn(folder.path) }),
    onCheckpoint: (state) => writeCheckpoint(checkpoint, state),
    onFold: async (fold, { accuracy, images }, soFar) => {
      await folder.write(RECORD, `${JSON.stringify(soFar, null, 2)}\n`);
      await rm(checkpoint, { force: true });
      printLine(terminal, `fold ${fold}/${request.splits.length}: ${percent(accuracy)} of ${images} right`);
    },
  });
  const { right, images, accuracy, interval, robustness } = pooled;
  printLine(
    terminal,
    `cross-validated: ${right} of ${images} right, ${percent(accuracy)} (95 %: ${interval.map(percent).join(' to ')})`,
  );
  if (robustness) printRobustness(terminal, robustness);
}

async function progressIn(folder: string): Promise<CrossValidationProgress> {
  const [file, path] = [join(folder, RECORD), join(folder, CHECKPOINT)];
  if (!existsSync(file)) return { checkpoint: await readCheckpoint(path) };
  const record = await readRecord(file);
  if (!existsSync(path)) return { record };
  const checkpoint = await readCheckpoint(path);
  // A run that was killed just after a fold left that one's checkpoint.
  const isOfNext = (checkpoint.split.fold?.number ?? 0) > record.folds.length;
  return { record, ...(isOfNext && { checkpoint }) };
}

async function readRecord(path: string): Promise<CrossValidationRecord> {
  const wanted = {
    asked: `--folds --resume: ${path}`,
    allowed: 'the record of a run with --folds',
    remedy: 'Start the run without --resume.',
  };
  const record = (await readJson(path, wanted)) as Partial<CrossValidationRecord> | null;
  if (record?.format !== 'clearmaps-cross-validation-1' || !record.folds?.every(({ split }) => split)) {
    throw new UsageError({ ...wanted, got: 'another file, or a record without its splits' });
  }
  return record as CrossValidationRecord;
}
