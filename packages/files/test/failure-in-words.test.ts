import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { failureInWords, noFileInWords } from '../src/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'clearmaps-words-'));
afterAll(() => rmSync(dir, { recursive: true }));

const failureOf = (path: string): Promise<string> => readFile(path).then(() => 'none', failureInWords);

test('what the system says in codes is said in words', async () => {
  expect(await failureOf(join(dir, 'absent'))).toBe('no such file or folder');
  expect(await failureOf(dir)).toBe('a folder where a file was expected');
  expect(await failureOf('/dev/null/below')).toBe('a path through something that is not a folder');
  expect(await readdir('/dev/null').then(() => 'none', failureInWords)).toBe(
    'a file where a folder was expected',
  );
});

test('what is no file, or has nothing in it, is called so', async () => {
  const file = join(dir, 'file');
  await writeFile(file, '');
  expect(await noFileInWords(file)).toBe('an empty file (0 bytes)');
  await writeFile(file, 'x');
  expect(await noFileInWords(file)).toBeUndefined();
  expect(await noFileInWords(dir)).toBe('a folder');
  expect(await noFileInWords(join(dir, 'absent'))).toBe('no such file or folder');
});

test('a code without words keeps its message', () => {
  expect(failureInWords(Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }))).toBe(
    'EMFILE: too many open files',
  );
  expect(failureInWords(new Error('no code at all'))).toBe('no code at all');
});
