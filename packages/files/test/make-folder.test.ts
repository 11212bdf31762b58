import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../src/index.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'clearmaps-files-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('makeFolder', () => {
  test('makes a folder with those above it, and leaves one that is there', async () => {
    const path = join(dir, 'a', 'b', 'c');
    await makeFolder(path);
    writeFileSync(join(path, 'file'), '');
    await makeFolder(path);
    await makeFolder('/');
    expect(existsSync(join(path, 'file'))).toBe(true);
  });

  test('made by several at once is made once', async () => {
    // Which call overtakes which is chance, so many rounds.
    for (let round = 0; round < 300; round++) {
      const path = join(dir, `x${round}`, 'y', 'z');
      await Promise.all(Array.from({ length: 8 }, (_, i) => makeFolder(i % 2 ? path : join(path, 'deeper'))));
      expect(statSync(join(path, 'deeper')).isDirectory()).toBe(true);
    }
  });

  test('follows a link to a folder', async () => {
    symlinkSync(dir, join(dir, 'link'));
    await makeFolder(join(dir, 'link'));
    await makeFolder(join(dir, 'link', 'behind'));
    expect(existsSync(join(dir, 'behind'))).toBe(true);
  });

  test('gives the code of what stands in the way', async () => {
    writeFileSync(join(dir, 'taken'), '');
    await expect(makeFolder(join(dir, 'taken'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(dir, 'taken', 'in'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    symlinkSync(join(dir, 'nowhere'), join(dir, 'broken'));
    await expect(makeFolder(join(dir, 'broken', 'in'))).rejects.toMatchObject({ code: /ENOENT|EEXIST/ });
  });

  const proc = existsSync('/proc/self') ? '' : ' [SKIPPED: there is no /proc]';
  test.skipIf(proc)(`comes to an end where no folder can be made at all${proc}`, async () => {
    await expect(makeFolder('/proc/clearmaps/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
