import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { fewDigits } from './digit-folder.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const COUNT = 200;
let data: string;
beforeAll(async () => {
  data = await fewDigits(COUNT);
});

const trainMnist = (out: string, ...more: string[]) =>
  runCli(['train', 'mnist', '--data', data, '--out', out, '--backend', 'wasm', ...more]);

describe('train', () => {
  test('writes a model that other commands take, its record and its curves, and no checkpoint', async () => {
    const out = temporaryFolder();
    const { code, stdout } = await trainMnist(out, '--epochs', '2');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(join(out, 'model.json'));
    expect(readdirSync(out).sort()).toEqual([
      'model.json',
      'training-curves.png',
      'training.json',
      'unseen-digits.json',
      'weights.bin',
    ]);
    const record = JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'));
    expect(record.curve).toHaveLength(2);
    expect(record.split.counts).toMatchObject({ total: COUNT, heldOut: COUNT / 10 });
    expect(record.options).toMatchObject({ epochs: 2, seed: 1 });
    expect((await sharp(join(out, 'training-curves.png')).metadata()).width).toBe(900);
    const evaluated = await runCli(['evaluate', '--model', out, '--data', data, '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ count: COUNT });
  });

  test('interrupted and resumed gives the weights of an uninterrupted run', async () => {
    const [whole, halves] = [temporaryFolder(), temporaryFolder()];
    await trainMnist(whole, '--epochs', '3');
    const interrupt = new AbortController();
    const watch = setInterval(() => {
      if (readdirSync(halves).includes('checkpoint.bin')) interrupt.abort();
    }, 5);
    const args = ['train', 'mnist', '--data', data, '--backend', 'wasm', '--epochs', '3', '--out', halves];
    const stopped = await runCli(args, interrupt.signal);
    clearInterval(watch);
    expect(stopped.code).toBe(130);
    expect(readdirSync(halves)).toEqual(['checkpoint.bin']);
    const checkpoint = readFileSync(join(halves, 'checkpoint.bin'));
    const anew = await runCli(args);
    expect(anew.stderr).toMatch(/checkpoint\.bin of a run that was stopped.*--resume/);
    expect(anew.code).toBe(2);
    expect(readFileSync(join(halves, 'checkpoint.bin')).equals(checkpoint)).toBe(true);
    const resumed = await runCli([...args, '--resume']);
    expect(resumed.code).toBe(0);
    expect(readFileSync(join(halves, 'weights.bin')).equals(readFileSync(join(whole, 'weights.bin')))).toBe(
      true,
    );
  });

  test.each([
    ['between folds', 'cross-validation.json'],
    ['after them', 'checkpoint.bin'],
  ])('measures by folds, stopped %s and resumed too', async (_when, file) => {
    const [whole, halves] = [temporaryFolder(), temporaryFolder()];
    const few = ['--limit', '40', '--test', data, '--folds', '2', '--epochs', '2', '--workers', '1'];
    await trainMnist(whole, ...few);
    const interrupt = new AbortController();
    const watch = setInterval(() => {
      if (readdirSync(halves).includes(file)) interrupt.abort();
    }, 1);
    const args = ['train', 'mnist', '--data', data, '--backend', 'wasm', ...few, '--out', halves];
    expect((await runCli(args, interrupt.signal)).code).toBe(130);
    clearInterval(watch);
    const { code, stdout } = await runCli([...args, '--resume']);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/fold 1\//);
    for (const name of ['cross-validation.json', 'weights.bin']) {
      expect(readFileSync(join(halves, name)).equals(readFileSync(join(whole, name)))).toBe(true);
    }
    expect(readdirSync(halves).sort()).toEqual(readdirSync(whole).sort());
  });

  test('with --shuffle-labels learns wrong labels by heart, and tells so by the held-out ones, which stay true', async () => {
    const [out, plain] = [temporaryFolder(), temporaryFolder()];
    const few = ['--limit', '24', '--held-out', '0.5', '--augment', 'none', '--batch', '8'];
    const { code, stdout } = await trainMnist(out, '--shuffle-labels', '--epochs', '60', ...few);
    expect(code).toBe(0);
    expect(stdout).toMatch(/12 images of .*labels shuffled, 12 held out/);
    const record = JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'));
    expect(record.kept).toBe('last');
    expect(record.curve.at(-1).accuracy).toBeGreaterThan(0.9);
    // Held out are the images that are held out of the true labels, with these labels.
    await trainMnist(plain, '--epochs', '1', ...few);
    const { split } = JSON.parse(readFileSync(join(plain, 'training.json'), 'utf8'));
    expect(record.split).toEqual(split);
    const judged = record.best.heldOutConfusion.map((row: number[]) => row.reduce((a, b) => a + b, 0));
    expect(judged.slice(0, split.counts.heldOutByClass.length)).toEqual(split.counts.heldOutByClass);
  });

  test.each([
    ['a task that does not exist', ['cifar'], /mnist/],
    ['nothing to resume', ['mnist', '--resume'], /checkpoint/],
    ['zero epochs', ['mnist', '--epochs', '0'], /--epochs: got "0"; allowed: whole numbers from 1/],
    ['epochs in words', ['mnist', '--epochs', 'ten'], /whole numbers/],
    ['labels shuffled in folds', ['mnist', '--shuffle-labels', '--folds', '2'], /nothing to measure|--folds/],
    ['labels shuffled of dogs', ['dogs', '--shuffle-labels'], /--shuffle-labels: got task dogs/],
    // The files are not looked for.
    ['two parts to measure on', ['mnist', '--held-out', '0.2', '--test', 'none'], /--held-out: got --test/],
    ['the same of svhn', ['svhn', '--held-out', '0.2', '--test', 'none'], /--held-out: got --test beside/],
    [
      'the same of images',
      ['images', '--held-out', '0.2', '--test', 'none'],
      /--held-out: got --test beside/,
    ],
    ['a part held out of folds', ['svhn', '--held-out', '0.2', '--folds', '3'], /--held-out: got --folds/],
    ['everything held out', ['mnist', '--held-out', '1'], /--held-out: got "1"; allowed: above 0, below 1/],
  ])('refuses %s', async (_what, args, message) => {
    const out = join(temporaryFolder(), 'out');
    const { code, stderr } = await runCli(['train', ...args, '--data', data, '--out', out]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('refuses a folder that cannot be written before it trains', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await trainMnist(join(folder, 'file', 'out'));
    expect(stderr).toMatch(/to write/);
    expect(code).toBe(2);
  });
});
