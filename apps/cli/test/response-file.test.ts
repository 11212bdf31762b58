import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyBytes } from '@clearmaps/datasets';
import { writeWhole } from '@clearmaps/files';
import { expect, test } from 'vitest';
import { ResponseFile } from '../src/response-file.ts';
import { temporaryFolder } from './run-cli.ts';

test('responses that come in any order stand in the order of the classes, as in a file written at once', async () => {
  const path = join(temporaryFolder(), 'responses.npy');
  const all = Float32Array.from({ length: 3 * 2 * 2 * 1 }, (_, i) => i - 5.5);
  const of = (row: number) => all.subarray(4 * row, 4 * row + 4);
  await writeWhole(path, async (file) => {
    const responses = new ResponseFile(file, [7, 2, 5], [2, 2, 1]);
    await responses.begin();
    await responses.put([5], of(2));
    await responses.put([7, 2], all.subarray(0, 8));
  });
  expect(readFileSync(path).equals(npyBytes(all, [3, 2, 2, 1]))).toBe(true);
});
