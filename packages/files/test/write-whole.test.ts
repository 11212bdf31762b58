import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeWhole } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'clearmaps-whole-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file holds what was written last, text or bytes, and nothing stands beside it', async () => {
  const path = join(folder, 'file');
  await writeWhole(path, 'a longer text, written first');
  await writeWhole(path, Uint8Array.of(1, 2, 3));
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  await writeWhole(path, 'grün');
  expect(readFileSync(path, 'utf8')).toBe('grün');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a view of a larger buffer is written alone', async () => {
  const path = join(folder, 'view');
  await writeWhole(path, new Uint8Array([9, 1, 2, 9]).subarray(1, 3));
  expect([...readFileSync(path)]).toEqual([1, 2]);
});

test('a folder that is not there is an error with its code', async () => {
  await expect(writeWhole(join(folder, 'absent', 'file'), '')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a file that a function writes part by part is there once it is whole, and not at all where it throws', async () => {
  const path = join(folder, 'parts');
  await writeWhole(path, async (file) => {
    await file.write(Uint8Array.of(3, 4), 0, 2, 2);
    expect(readdirSync(folder)).not.toContain('parts');
    await file.write(Uint8Array.of(1, 2), 0, 2, 0);
  });
  expect([...readFileSync(path)]).toEqual([1, 2, 3, 4]);
  const before = readdirSync(folder);
  const failing = writeWhole(join(folder, 'half'), async (file) => {
    await file.write(Uint8Array.of(1), 0, 1, 0);
    throw new RangeError('no more');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(readdirSync(folder)).toEqual(before);
});
