import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseClassChoice } from '../src/class-choice.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const names = ['tench, Tinca tinca', 'goldfish', 'toy terrier', '3-5', 'papillon', 'Pekinese'];

test('lists hold names, numbers, ranges and names with commas', () => {
  const classes = (text: string) => parseClassChoice(text, names);
  expect(classes('all')).toEqual({ classes: [0, 1, 2, 3, 4, 5] });
  expect(classes(' 0-2 ,papillon')).toEqual({ classes: [0, 1, 2, 4] });
  expect(classes('"tench, Tinca tinca", toy terrier')).toEqual({ classes: [0, 2] });
  expect(classes('3-5')).toEqual({ classes: [3] });
  expect(classes('evidence:4')).toEqual({ evidence: 4 });
  expect(classes('pages:6')).toEqual({ pages: 6 });
});

test.each([
  ['5-2', /ranges from a lower to a higher/],
  ['1,,2', /--classes: got 1,,2/],
  ['"tench', /--classes: got "tench/],
  ['papilon', /nearest are "papillon" \(4\)/],
  ['1,goldfish', /each class once/],
  ['pages:0', /pages:1 to pages:6/],
])('the list %s is refused', (text, message) => {
  expect(() => parseClassChoice(text, names)).toThrow(message);
});

test('pages are one sheet each', async () => {
  const out = temporaryFolder();
  const { code, stdout } = await runCli([
    'explain',
    'mnist:0',
    '--classes',
    'pages:4',
    '--out',
    out,
    '--json',
  ]);
  expect(code).toBe(0);
  expect(readdirSync(out).sort()).toEqual(['mnist-0-page-1.png', 'mnist-0-page-2.png', 'mnist-0-page-3.png']);
  const { results, memory } = JSON.parse(stdout);
  expect(results.flatMap(({ classes }: { classes: number[] }) => classes).sort()).toEqual([
    ...Array(10).keys(),
  ]);
  expect(memory.budget).toBe(512 * 2 ** 20);
  expect(memory.peak).toBeGreaterThan(0);
});

test('groups, their members and the others are explained', async () => {
  const out = temporaryFolder();
  const groups = join(out, 'groups.json');
  writeFileSync(groups, JSON.stringify({ round: [0, 6, '8', 9], straight: [1, 4, 7] }));
  const results = async (...args: string[]) => {
    const { stdout, stderr } = await runCli([
      'explain',
      'mnist:0',
      '--groups',
      groups,
      '--out',
      out,
      '--json',
      ...args,
    ]);
    expect(stderr).not.toContain('rror');
    return JSON.parse(stdout).results[0];
  };
  const grouped = await results('--others');
  expect(grouped.groups).toEqual(['round', 'straight']);
  expect(Object.keys(grouped.dominantShare)).toEqual(['round', 'straight', 'others']);
  expect((await results('--group', 'straight')).classes).toEqual([1, 4, 7]);
});

test.each([
  ['a group of none', ['--group', 'dogs'], /--group: got no groups/],
  [
    'groups that are not there',
    ['--groups', 'nowhere.json'],
    /groups in nowhere\.json: got no such file or folder/,
  ],
  [
    'labels that are not there',
    ['--labels', 'nowhere.json'],
    /class names in nowhere\.json: got no such file or folder/,
  ],
  ['memory that is none', ['--memory', '0'], /--memory: got "0"/],
])('%s is refused', async (_, args, message) => {
  const { code, stderr } = await runCli(['explain', 'mnist:0', '--out', temporaryFolder(), ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
