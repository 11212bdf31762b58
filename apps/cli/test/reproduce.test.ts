import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECOMMENDED_SETTING } from '@clearmaps/evaluation';
import { expect, test } from 'vitest';
import { fewDigits } from './digit-folder.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

test('table1 prints the keys of the paper with intervals, controls and the sweep', async () => {
  const flags = ['reproduce', 'table1', '--limit', '12', '--threshold', 'sweep', '--random-nets', '1'];
  const { code, stdout } = await runCli([...flags, '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    model: 'mnist',
    count: 12,
    full: 1,
    removal: 'background',
    paper: { full: 0.9926, only: 0.7989, without: 0.4345 },
  });
  const { sweep, threshold, only, without, keptArea, intervals, controls } = report;
  const row = sweep.find((other: typeof report) => other.threshold === threshold);
  expect(row).toMatchObject({ only, without, keptArea, controls });
  expect(intervals.only[0]).toBeLessThanOrEqual(only);
  expect(intervals.only[1]).toBeGreaterThanOrEqual(only);
  expect(Object.keys(controls)).toEqual(['randomMask', 'otherClass', 'randomWeights']);
  expect(controls.randomMask.keptArea).toBeCloseTo(keptArea, 12);
  const areas = sweep.map((other: typeof report) => other.keptArea);
  expect(areas).toEqual([...areas].sort((a, b) => b - a));
  for (const { passes, ...line } of [report, ...sweep]) {
    expect(passes).toBe(line.only >= 0.7989 && line.without <= 0.4345);
  }
  expect(sweep.map((other: typeof report) => other.threshold)).toContain(report.closest.threshold);

  const people = await runCli(flags);
  expect(people.stdout).toMatch(/with only strong features .* paper 79\.89 %/);
  expect(people.stdout).toMatch(/closest to the paper/);
  expect(people.stdout).toMatch(/nets with random weights: only .* which (passes|does not pass)/);
});

test('table1 takes other nets, data and ways to remove pixels, and the same seed gives the same table', async () => {
  const data = await fewDigits(6);
  const run = async (...more: string[]) =>
    (await runCli(['reproduce', 'table1', '--data', data, '--rule', 'gradient', '--json', ...more])).stdout;
  expect(await run()).toBe(await run());
  expect(JSON.parse(await run('--removed', 'grey'))).toMatchObject({ removal: 'grey', count: 6 });
  const drawn = await runCli(['reproduce', 'table1', '--model', 'svhn', '--limit', '3', '--json']);
  expect(JSON.parse(drawn.stdout)).toMatchObject({
    removal: 'grey',
    count: 3,
    data: 'synthetic-house-numbers',
  });
});

test('table1 measures methods too, and responses against the other classes', async () => {
  const run = async (...more: string[]) =>
    JSON.parse((await runCli(['reproduce', 'table1', '--limit', '4', '--json', ...more])).stdout);
  const [plain, contrast] = [await run(), await run('--contrast')];
  expect(contrast).toMatchObject({ contrast: true, rule: 'guided', reduction: 'l2' });
  expect(contrast.keptArea).not.toBe(plain.keptArea);
  const { only, without, keptArea } = plain;
  expect(await run('--no-controls')).toMatchObject({ only, without, keptArea, controls: {} });
  const { rule, seed, reduction, contrast: against, threshold } = await run('--recommended');
  expect({ rule, seed, reduction, contrast: against, threshold }).toEqual(RECOMMENDED_SETTING);
  const cam = await run('--method', 'cam');
  expect(cam).toMatchObject({ method: 'cam', options: [], count: 4 });
  expect(cam).not.toHaveProperty('rule');
});

test('a study keeps what it has measured, and refuses the results of another one', async () => {
  const checkpoint = join(temporaryFolder(), 'study.json');
  const few = ['--rules', 'guided,lrp-gamma:0.05', '--seeds', 'positive', '--reductions', 'sum,max'];
  const flags = ['reproduce', 'study', '--limit', '2', ...few, '--checkpoint', checkpoint];
  const first = await runCli(flags);
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/Separates best at 10 % of the image: rule/);
  expect(first.stdout).toMatch(/\| lrp-gamma:0\.05 \| positive \| sum, contrast \| t = 0\.1 \|/);
  // A second run takes everything from the file.
  const saved = JSON.parse(readFileSync(checkpoint, 'utf8'));
  saved.results['mnist guided positive sum'].full.share = 0.125;
  writeFileSync(checkpoint, JSON.stringify(saved));
  expect((await runCli(flags)).stdout).toContain('Full image: 12.5 %');
  const other = await runCli(['reproduce', 'study', '--limit', '3', ...few, '--checkpoint', checkpoint]);
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/--checkpoint .*allowed: a new file/);
});

test.each([
  [['table1', '--threshold', '1'], /--threshold: got "1"; allowed: sweep, or 0 to below 1/],
  [['table1', '--limit', '0'], /--limit: got "0"/],
  [['table1', '--random-nets', '0'], /--random-nets: got "0"/],
  [['table1', '--method', 'cam', '--recommended'], /--recommended/],
  [['table1', '--method', 'cam', '--rule', 'guided'], /--rule beside it/],
  [['study', '--rules', 'guided,magic'], /rule: got "magic"/],
  [['study', '--seeds', 'any'], /--seeds: got "any"; allowed: activation, positive, unit/],
  [['table1', '--model', 'svhn', '--data', 'mnist:unseen'], /does not say which digits/],
])('reproduce %j is refused', async (args, message) => {
  const { code, stderr } = await runCli(['reproduce', ...args]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
