import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { failureInWords } from '../src/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'clearmaps-words-'));
afterAll(() => rmSync(dir, { recursive: true }));

const failureOf = (path: string): Promise<string> => readFile(path).then(() => 'none', failureInWords);

test('what the system says in codes is said in words', async () => {
  expect(await failureOf(join(dir, 'absent'))).toBe('no such file or folder');
  expect(await failureOf(dir)).toBe('a folder where a file was expected');
  expect(await failureOf('/dev/null/below')).toBe('a path through something that is not a folder');
});

test('a code without words keeps its message', () => {
  expect(failureInWords(Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }))).toBe(
    'EMFILE: too many open files',
  );
  expect(failureInWords(new Error('no code at all'))).toBe('no code at all');
});
