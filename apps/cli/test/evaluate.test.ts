import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { bundledModelFolder } from '@clearmaps/models/node';
import { expect, test } from 'vitest';
import { idxBytes } from './digit-folder.ts';
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
