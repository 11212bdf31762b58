import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DatasetError } from '../src/index.ts';
import { readImageFolder } from '../src/node.ts';

const root = mkdtempSync(join(tmpdir(), 'clearmaps-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

function folder(name: string, files: readonly string[]): string {
  const dir = join(root, name);
  mkdirSync(dir);
  for (const file of files) {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), '');
  }
  return dir;
}

/** Stands in for a picture decoder: every byte is the number in the file's name. */
const decode = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(2 * 3).fill(Number.parseInt(basename(path), 10));
const size = { height: 2, width: 3, channels: 1, decode } as const;

describe('readImageFolder', () => {
  test('labels pictures by their folder, both in alphabetical order, and passes other files over', async () => {
    const dir = folder('pets', [
      'dogs/7.png',
      'dogs/12.JPG',
      'cats/3.webp',
      'cats/notes.txt',
      'cats/.9.png',
      'readme.md',
    ]);
    const seen: number[] = [];
    const set = await readImageFolder(dir, { ...size, onProgress: (done, total) => seen.push(done, total) });
    expect(set.classNames).toEqual(['cats', 'dogs']);
    expect(Array.from(set.labels)).toEqual([0, 1, 1]);
    expect([0, 6, 12].map((at) => set.images[at])).toEqual([3, 12, 7]);
    expect([set.count, set.height, set.width, set.channels]).toEqual([3, 2, 3, 1]);
    expect(seen).toEqual([1, 3, 2, 3, 3, 3]);
  });

  test('reads some pictures alone, of each class in turn', async () => {
    const dir = folder('some', ['a/1.png', 'a/2.png', 'a/3.png', 'b/4.png', 'b/5.png', 'c/6.png']);
    const read: string[] = [];
    const counted = (path: string): Promise<Uint8Array> => {
      read.push(basename(path));
      return decode(path);
    };
    const set = await readImageFolder(dir, { ...size, decode: counted, most: 4 });
    expect(read).toEqual(['1.png', '2.png', '4.png', '6.png']);
    expect(Array.from(set.labels)).toEqual([0, 0, 1, 2]);
    expect(set.classNames).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['a folder that does not exist', join(root, 'nowhere'), /no such file or folder/],
    ['a folder without classes', folder('flat', ['1.png']), /none/],
    ['a single class', folder('one', ['only/1.png']), /at least two/],
    ['a class without pictures', folder('empty', ['a/1.png', 'b/notes.txt']), /empty.b/],
  ])('refuses %s', async (_what, dir, message) => {
    const read = readImageFolder(dir, size);
    await expect(read).rejects.toThrow(DatasetError);
    await expect(read).rejects.toThrow(message);
  });

  test('refuses a decoder that gives another size', async () => {
    const dir = folder('sizes', ['a/1.png', 'b/2.png']);
    const wrong = async () => new Uint8Array(5);
    await expect(readImageFolder(dir, { ...size, decode: wrong })).rejects.toThrow(/5 bytes/);
  });

  test('stops when it is aborted', async () => {
    const dir = folder('abort', ['a/1.png', 'b/2.png']);
    await expect(readImageFolder(dir, { ...size, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});
