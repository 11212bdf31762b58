import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METHOD_NAMES, METHODS } from '../src/index.ts';

const table = readFileSync(new URL('../../../docs/methods.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));

it.each(METHOD_NAMES)('docs/methods.md says of %s what the table of methods says', (name) => {
  const { paper, promises, cost, fails } = METHODS[name];
  expect(table.find((cells) => cells[1] === `\`${name}\``)).toEqual([
    '',
    `\`${name}\``,
    paper,
    promises,
    cost,
    fails,
    '',
  ]);
});
