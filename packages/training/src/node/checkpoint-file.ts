import { readFile } from 'node:fs/promises';
import { writeWhole } from '@clearmaps/files';
import type { Checkpoint } from '../checkpoint.ts';
import { checkpointFromBytes, checkpointToBytes } from '../checkpoint-bytes.ts';
import { TrainingError } from '../errors.ts';

/** Writes a checkpoint; one that stood there before is replaced whole or not at all, even if the process is killed. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeWhole(path, checkpointToBytes(checkpoint));
}

/** @throws TrainingError when there is no such file, or it is no checkpoint or a damaged one. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new TrainingError({
      asked: `checkpoint ${path}`,
      got: 'no file that can be read',
      remedy: 'Checkpoints are written after each epoch; start the run without one.',
      cause,
    });
  }
  return checkpointFromBytes(bytes, path);
}
