import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { METHOD_NAMES } from '@clearmaps/methods';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { main } from '../src/index.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

describe('methods', () => {
  test('lists every method, and of one its options with range and default', async () => {
    const { stdout } = await runCli(['methods']);
    for (const name of METHOD_NAMES) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    const { stdout: one } = await runCli(['methods', 'smooth-grad']);
    expect(one).toContain('--set samples=...  noisy copies of the image: whole numbers from 1; default 50');
    expect(one).toMatch(/^ {2}family gradients$/m);
    const { code, stderr } = await runCli(['methods', 'magic']);
    expect(code).toBe(2);
    expect(stderr).toContain('methods: got "magic"; allowed: linear, deconvnet,');
  });
});

describe('explain --method', () => {
  test('draws the sheet of a method with the options that were set', async () => {
    const out = temporaryFolder();
    const { stdout, stderr } = await runCli([
      'explain',
      'mnist:7',
      '--method',
      'occlusion',
      '--set',
      'window=7',
      '--set',
      'stride=7',
      '--out',
      out,
      '--json',
    ]);
    expect(stderr).not.toContain('rror');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ method: 'occlusion', options: ['window=7', 'stride=7'] });
    expect(report.rule).toBeUndefined();
    const { format } = await sharp(report.results[0].sheet).metadata();
    expect(format).toBe('png');
  });

  test('shares the windows of one image out to threads, with the same answer', async () => {
    let threads = 0;
    const count = (): void => void threads++;
    process.on('worker', count);
    onTestFinished(() => void process.off('worker', count));
    const evidence: number[][] = [];
    for (const workers of ['1', '2']) {
      threads = 0;
      const settings = [
        '--method',
        'occlusion',
        '--set',
        'stride=4',
        '--backend',
        'wasm',
        '--workers',
        workers,
      ];
      const run = ['explain', 'mnist:7', ...settings, '--out', temporaryFolder(), '--json'];
      evidence.push(JSON.parse((await runCli(run)).stdout).results[0].evidence);
      expect(threads).toBe(workers === '1' ? 0 : 2);
    }
    const most = Math.max(...evidence[0]!);
    for (const [c, sum] of evidence[1]!.entries()) {
      expect(Math.abs(sum - evidence[0]![c]!)).toBeLessThan(1e-5 * most);
    }
  });

  test('tells by how much integrated gradients miss completeness', async () => {
    const out = temporaryFolder();
    const args = ['explain', 'mnist:7', '--method', 'integrated-gradients', '--set', 'steps=8', '--out', out];
    expect((await runCli(args)).stdout).toMatch(/completeness missed by at most \d/);
    const { results } = JSON.parse((await runCli([...args, '--json'])).stdout);
    expect(results[0].completenessError).toHaveLength(10);
  });

  test.each([
    [['--method', 'cam', '--rule', 'guided'], '--method cam: got --rule beside it'],
    [['--method', 'cam', '--others'], '--method cam: got --others beside it'],
    [['--set', 'window=3'], '--set: got no --method'],
    [['--method', 'occlusion', '--set', 'window'], '--set: got "window"; allowed: option=value'],
    [
      ['--method', 'occlusion', '--set', 'size=3'],
      'got an option "size"; allowed: window, stride, fill, score, batch',
    ],
    [['--method', 'occlusion', '--set', 'window=0'], 'window: got 0; allowed: whole numbers from 1'],
    [['--method', 'occlusion', '--set', 'window=wide'], 'window: got "wide"; allowed: whole numbers from 1'],
    [
      ['--method', 'grad-cam', '--set', 'layer=conv_9'],
      'layer of "mnist": got "conv_9"; allowed: conv_1, conv_1_relu,',
    ],
    [['--method', 'pda', '--model', 'svhn'], '--method pda: got no images to learn from'],
  ])('refuses %j', async (flags, message) => {
    const out = join(temporaryFolder(), 'none');
    const { code, stderr } = await runCli(['explain', 'mnist:7', ...flags, '--out', out]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });
});

test('contact-sheet draws a row an input and a column a method', async () => {
  const out = temporaryFolder();
  const { stdout, stderr } = await runCli([
    'contact-sheet',
    'mnist:0',
    'mnist:1',
    '--methods',
    'guided,cam,saliency',
    '--out',
    out,
  ]);
  expect(stdout.trim()).toBe(join(out, 'contact-sheet.png'));
  expect(stderr).toBe('contact sheet, percent: 0/100\ncontact sheet, percent: 100/100\n');
  const { width, height } = await sharp(join(out, 'contact-sheet.png')).metadata();
  // Four panels of 112 pixels with border and gap, within margins; two rows with captions and the legend.
  expect(width).toBe(4 * 134 - 20 + 48);
  expect(height).toBeGreaterThan(2 * 134);
});

test('contact-sheet says what it does from before a backend has started', async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const shown: string[] = [];
  stderr.on('data', (chunk) => void shown.push(String(chunk)));
  const screen = { isTTY: true, columns: 90, cursorTo: () => true, clearLine: () => true };
  const terminal = { stdout, stderr: Object.assign(stderr, screen), signal: new AbortController().signal };
  const args = ['contact-sheet', 'mnist:0', '--methods', 'saliency', '--backend', 'cpu'];
  expect(await main([...args, '--out', temporaryFolder()], terminal)).toBe(0);
  const said = shown.join('');
  expect(said).toMatch(/0\/100, reading the net.*100\/100, saliency/s);
});

test('unit shows what one channel answers to', async () => {
  const out = temporaryFolder();
  const args = ['unit', 'conv_5:12', '--images', '40', '--steps', '8', '--out', out];
  const { stdout, stderr } = await runCli([...args, '--json']);
  expect(stderr).not.toContain('rror');
  const report = JSON.parse(stdout);
  expect(report.strongest).toHaveLength(9);
  const responses = report.strongest.map(({ response }: { response: number }) => response);
  expect(responses).toEqual([...responses].sort((a, b) => b - a));
  const unchanged = report.curves['shifted right, pixels'].find(
    ({ amount }: { amount: number }) => amount === 0,
  );
  expect(unchanged.share).toBeCloseTo(1, 5);
  expect((await sharp(report.sheet).metadata()).format).toBe('png');
  expect((await runCli(['unit', 'conv_5'])).stderr).toContain('allowed: LAYER:CHANNEL or class:NAME');
  expect((await runCli(['unit', 'conv_5:64'])).stderr).toContain('allowed: conv_5:0 to conv_5:63');
});

test('bench --method times a method as it runs, in whole images and one window at a time', async () => {
  const { stdout } = await runCli([
    'bench',
    '--method',
    'occlusion',
    '--backend',
    'native',
    '--rounds',
    '1',
    '--json',
  ]);
  const [{ variants, computed, unchanged, reached, ...times }] = JSON.parse(stdout);
  // A window inside the image reaches 16 to 17 % of the net's multiply-adds, and many change nothing.
  expect(reached).toBeGreaterThan(0.05);
  expect(reached).toBeLessThan(0.16);
  expect(variants).toBe(25 ** 2);
  expect(computed).toBeGreaterThan(100);
  expect(unchanged).toBeGreaterThan(100);
  expect(computed + unchanged).toBeLessThanOrEqual(variants);
  for (const time of ['ms', 'pooledMs', 'wholeImagesMs', 'oneWindowMs', 'oneWindowOneClassMs'])
    expect(times[time]).toBeGreaterThan(0);
});

test('evaluate --explanations measures a method', async () => {
  const args = ['evaluate', '--limit', '3', '--method', 'cam'];
  const { stdout } = await runCli([...args, '--explanations', '--json']);
  const { method, rule, measures } = JSON.parse(stdout);
  expect({ method, rule }).toEqual({ method: 'cam', rule: undefined });
  expect(measures.deletion.count).toBe(3);
  expect(measures.ruleChange).toBeUndefined();
  expect((await runCli(args)).stderr).toContain('evaluate --method: got no --explanations');
  const { stderr } = await runCli([...args, '--explanations', '--response-seed', 'unit']);
  expect(stderr).toContain('--method cam: got --response-seed beside it');
});
