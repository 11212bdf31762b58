import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  checkpointFromBytes,
  checkpointToBytes,
  Random,
  TrainingError,
} from '../src/index.ts';
import { readCheckpoint, writeCheckpoint, writeTrainingRecord } from '../src/node.ts';

const values = (...numbers: number[]): Float32Array => Float32Array.from(numbers);
const CHECKPOINT = {
  network: 'réseau',
  data: { name: 'digits', images: 4 },
  split: { method: 'stratified-mulberry32-1', seed: 1 },
  options: { epochs: 2, seed: 1 },
  trainer: {
    step: 7,
    weights: new Map([
      ['a/kernel', values(0.1, -2, 3e-40)],
      ['a/bias', values(-0)],
    ]),
    moments: new Map([['a/kernel/0', values(1, 2, 3)]]),
  },
  best: { epoch: 1, evaluation: { accuracy: 1 / 3 }, weights: new Map([['a/kernel', values(4, 5, 6)]]) },
  curve: [{ epoch: 1, loss: 0.1 }],
} as unknown as Checkpoint;

describe('checkpoint bytes', () => {
  test('come back as they were, to the bit', () => {
    expect(checkpointFromBytes(checkpointToBytes(CHECKPOINT))).toEqual(CHECKPOINT);
  });

  test('come back with averaged weights where there are some', () => {
    const averages = new Map([['a/kernel', values(0.5, -1, 1e-40)]]);
    const averaged = { ...CHECKPOINT, trainer: { ...CHECKPOINT.trainer, averages } };
    expect(checkpointFromBytes(checkpointToBytes(averaged))).toEqual(averaged);
  });

  test('come back from a view into a larger buffer', () => {
    const bytes = checkpointToBytes(CHECKPOINT);
    const wide = new Uint8Array(bytes.length + 9);
    wide.set(bytes, 3);
    expect(checkpointFromBytes(wide.subarray(3, 3 + bytes.length))).toEqual(CHECKPOINT);
  });

  test('are refused at any length but their own', () => {
    const bytes = checkpointToBytes(CHECKPOINT);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => checkpointFromBytes(bytes.subarray(0, length))).toThrow(TrainingError);
    }
    expect(() => checkpointFromBytes(new Uint8Array([...bytes, 0]))).toThrow(/damaged/);
  });

  test('with flipped bytes in the header give a TrainingError or a checkpoint, never another error', () => {
    const random = Random.stream(5);
    for (let i = 0; i < 500; i++) {
      const bytes = checkpointToBytes(CHECKPOINT);
      bytes[random.next() % bytes.length] = random.next() & 255;
      try {
        checkpointFromBytes(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(TrainingError);
      }
    }
  });
});

describe('checkpoint files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clearmaps-training-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('are replaced whole and leave nothing beside them', async () => {
    const path = join(folder, 'checkpoint.bin');
    await writeCheckpoint(path, CHECKPOINT);
    await writeCheckpoint(path, { ...CHECKPOINT, network: 'other' });
    expect((await readCheckpoint(path)).network).toBe('other');
    expect(await readdir(folder)).toEqual(['checkpoint.bin']);
  });

  test('that are missing or something else are named', async () => {
    await expect(readCheckpoint(join(folder, 'none'))).rejects.toThrow(/checkpoint .*none: got no file/);
    const path = join(folder, 'text');
    await writeFile(path, 'not a checkpoint');
    await expect(readCheckpoint(path)).rejects.toThrow(/text: got 16 bytes that do not begin/);
  });

  test('training records are JSON', async () => {
    const path = join(folder, 'training.json');
    await writeTrainingRecord(path, { format: 'clearmaps-training-1' } as never);
    const { default: record } = await import(path, { with: { type: 'json' } });
    expect(record).toEqual({ format: 'clearmaps-training-1' });
  });
});
