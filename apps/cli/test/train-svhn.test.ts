import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { matBytes, svhnParts } from '../../../packages/datasets/test/mat-bytes.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const COUNT = 20;
let crops: string;

/** Pictures of nothing in SVHN's file format stand for real crops. */
beforeAll(() => {
  const { X, y } = svhnParts(Array.from({ length: COUNT }, (_, i) => 1 + (i % 10)));
  crops = join(temporaryFolder(), 'crops_32x32.mat');
  writeFileSync(crops, matBytes([X, y]));
});

const trainSvhn = (...args: string[]) =>
  runCli(['train', 'svhn', '--backend', 'wasm', '--epochs', '1', ...args]);
const readRecord = (folder: string, name = 'training.json') =>
  JSON.parse(readFileSync(join(folder, name), 'utf8'));

describe('train svhn', () => {
  test('needs no files: it draws house numbers', async () => {
    const out = temporaryFolder();
    const { code } = await trainSvhn('--synthetic', '40', '--seed', '4', '--out', out);
    expect(code).toBe(0);
    expect(readRecord(out)).toMatchObject({
      network: 'svhn',
      start: 'he-normal, seed 4',
      data: { name: 'synthetic-house-numbers', images: 40 },
      split: { counts: { train: 36, heldOut: 4 } },
      kept: 'best',
    });
  });

  test('fine-tunes a model on crops, with new drawings beside them, and measures itself by folds', async () => {
    const [from, out] = [temporaryFolder(), temporaryFolder()];
    await trainSvhn('--synthetic', '20', '--out', from);
    const { code, stdout } = await trainSvhn(
      ...['--from', from, '--data', crops, '--synthetic', '12', '--folds', '2', '--robustness', '--out', out],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/cross-validated: \d+ of 20 right/);
    const { pooled, folds, start } = readRecord(out, 'cross-validation.json');
    expect(pooled.images).toBe(COUNT);
    expect(folds).toHaveLength(2);
    expect(start).toBe(from);
    expect(readRecord(out)).toMatchObject({
      start: from,
      data: { name: 'crops_32x32', images: COUNT, fresh: { imagesAnEpoch: 12 }, test: { images: 1000 } },
      split: { counts: { train: COUNT, heldOut: 0 } },
      options: { augmentation: { background: 'edge' } },
      kept: 'last',
    });
    expect(readdirSync(out)).toContain('weights.bin');
  });

  test('starts from the checkpoint of a stopped run, but not of another net', async () => {
    const stopped = temporaryFolder();
    const stop = new AbortController();
    const watch = setInterval(() => {
      if (readdirSync(stopped).includes('checkpoint.bin')) stop.abort();
    }, 5);
    const run = [
      'train',
      'svhn',
      '--backend',
      'wasm',
      '--synthetic',
      '40',
      '--epochs',
      '9',
      '--out',
      stopped,
    ];
    expect((await runCli(run, stop.signal)).code).toBe(130);
    clearInterval(watch);
    const checkpoint = join(stopped, 'checkpoint.bin');
    const out = temporaryFolder();
    const { code } = await trainSvhn('--from', checkpoint, '--data', crops, '--test', crops, '--out', out);
    expect(code).toBe(0);
    expect(readRecord(out)).toMatchObject({ start: checkpoint, data: { test: { images: COUNT } } });
    const other = await runCli(['train', 'mnist', '--from', checkpoint, '--out', out]);
    expect(other.stderr).toMatch(/a checkpoint of "svhn"/);
    expect(other.code).toBe(2);
  });

  test('measures no folds anew over the fold that a stopped run was at', async () => {
    const out = temporaryFolder();
    writeFileSync(join(out, 'fold-checkpoint.bin'), '');
    const { code, stderr } = await trainSvhn('--data', crops, '--test', crops, '--folds', '2', '--out', out);
    expect(stderr).toMatch(/fold-checkpoint\.bin of a run that was stopped.*--resume/);
    expect(code).toBe(2);
  });

  test.each([
    ['folds without anything to measure the final net on', ['mnist', '--folds', '3'], /Give --test/],
    ['robustness without folds', ['svhn', '--robustness'], /evaluate --robustness/],
    ['data that are not there', ['svhn', '--data', 'missing.mat'], /missing\.mat/],
    [
      'no drawings at all',
      ['svhn', '--synthetic', '0'],
      /--synthetic: got "0"; allowed: whole numbers from 1/,
    ],
  ])('refuses %s', async (_what, args, message) => {
    const { code, stderr } = await runCli(['train', ...args, '--out', join(temporaryFolder(), 'out')]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
