import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Every source file that an entry pulls in, types included. */
function reach(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const source = readFileSync(new URL(`../src/${entry}`, import.meta.url), 'utf8');
  for (const [, file] of source.matchAll(/from '\.\/(.+?)'/g)) reach(file!, seen);
  return seen;
}

test('maps come without the glyphs, which only the sheet entry pulls in', () => {
  expect(reach('index.ts')).toContain('clear-map.ts');
  expect(reach('index.ts')).not.toContain('glyphs.generated.ts');
  expect(reach('sheet.ts')).toContain('glyphs.generated.ts');
});
