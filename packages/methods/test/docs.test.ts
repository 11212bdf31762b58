import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METHOD_NAMES, METHODS } from '../src/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('the README names every method', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) =>
    [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );
  expect(named.sort()).toEqual([...METHOD_NAMES].sort());
});

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
