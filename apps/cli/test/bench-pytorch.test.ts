import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INPUT } from '@clearmaps/deconvnet/graph';
import { mnistNet } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PyTorchRow } from '../src/bench/pytorch-bench.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const hasPyTorch = (python: string) => spawnSync(python, ['-c', 'import torch, numpy']).status === 0;
const named = process.env.CLEARMAPS_PYTHON;
const found = (named ? [named] : ['python3', '/usr/bin/python3']).find(hasPyTorch);
const PYTHON = found ?? 'python3';
const whenThere = found ? '' : ' [SKIPPED: no python3 with PyTorch; CLEARMAPS_PYTHON names one]';

// A side that the pool does not divide.
const net = temporaryFolder();
const flattened = temporaryFolder();
beforeAll(async () => {
  const graph = mnistNet({ inputShape: [9, 11, 1], classNames: ['a', 'b', 'c'] });
  await writeLayersModel(graph, net);
  await writeLayersModel(
    {
      name: 'flattened',
      inputShape: [2, 2, 1],
      layers: [
        { type: 'flatten', name: 'flat', inputs: [INPUT] },
        {
          type: 'dense',
          name: 'scores',
          inputs: ['flat'],
          kernel: { shape: [4, 2], values: new Float32Array(8).fill(0.5) },
        },
      ],
    },
    flattened,
  );
});

const bench = (python: string, ...flags: string[]) =>
  runCli([
    'bench',
    '--model',
    net,
    '--against-pytorch',
    python,
    '--rounds',
    '2',
    '--seconds',
    '60',
    ...flags,
  ]);

/** A program that answers in PyTorch's place. */
function standIn(body: string): string {
  const path = join(temporaryFolder(), 'python');
  writeFileSync(path, `#!${process.execPath}\n${body}`, { mode: 0o755 });
  return path;
}

const answering = (difference: number) =>
  standIn(`
const say = (message) => console.log(JSON.stringify(message));
say({ torch: '9.9', oneDnn: true, ways: [{ way: 'slow', title: 'slowly' }] });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) =>
  say(line === 'slow check' ? { difference: ${difference} } : line === 'slow 7' ? { ms: 1234 } : { ms: 0 }));
`);

describe.skipIf(whenThere)(`bench --against-pytorch${whenThere}`, () => {
  test.each(['guided', 'deconvnet'])('computes the same responses by every way: %s', async (rule) => {
    const { code, stdout, stderr } = await bench(PYTHON, '--rule', rule, '--threads', '1', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ rule, threads: 1, backends: ['native', 'wasm'] });
    const rows = report.nets[0].rows as PyTorchRow[];
    expect(rows.map(({ name }) => name)).toEqual([
      ...['native', 'wasm', 'captum', 'captum-batch', 'batched-gradient'],
      ...['by-hand', 'by-hand-nhwc', 'by-hand-one'],
    ]);
    for (const { name, difference, ms, rounds } of rows) {
      expect(difference, name).toBeLessThanOrEqual(1e-5);
      expect(ms, name).toBeGreaterThan(0);
      expect(rounds, name).toBe(2);
    }
  });

  test('says which layer it cannot read', async () => {
    const { code, stderr } = await runCli(['bench', '--model', flattened, '--against-pytorch', PYTHON]);
    expect(stderr).toMatch(/layer "flat" is of a kind that is not read here/);
    expect(code).toBe(2);
  });
});

describe('bench --against-pytorch, whatever answers', () => {
  test('prints times of the process and their ratios to each backend', async () => {
    const python = answering(2e-7);
    const { code, stdout } = await bench(python, '--threads', '7', '--backend', 'wasm,cpu', '--json');
    expect(code).toBe(0);
    const [{ torch, rows }] = JSON.parse(stdout).nets;
    expect(torch).toBe('9.9');
    const [wasm, cpu, slow] = rows as [PyTorchRow, PyTorchRow, PyTorchRow];
    expect(slow).toMatchObject({ name: 'slow', engine: 'pytorch', ms: 1234, rounds: 2, difference: 2e-7 });
    expect(slow.over).toEqual({ wasm: 1234 / wasm.ms, cpu: 1234 / cpu.ms });
    expect(cpu.over).toEqual({ wasm: cpu.ms / wasm.ms, cpu: 1 });
    expect(cpu.difference).toBeLessThanOrEqual(1e-5);
    expect(memory().numTensors).toBe(0);

    const text = await bench(python, '--threads', '7');
    expect(text.stdout).toMatch(/^rule guided, unit seeds, threads: 7$/m);
    expect(text.stdout).toMatch(/^clearmaps, native +[\d.]+ ms +1\.0 +[\d.]+ +0e\+0 +2$/m);
    expect(text.stdout).toMatch(/^slowly +1234 ms +[\d.]+ +[\d.]+ +2e-7 +2$/m);
  });

  test('gives no times of other responses', async () => {
    const { code, stdout, stderr } = await bench(answering(0.02));
    expect(stderr).toMatch(
      /same responses from slow as from native: got responses that are off by 2\.0e-2 of their/,
    );
    expect(stdout).not.toContain('slowly');
    expect(code).toBe(2);
    expect(memory().numTensors).toBe(0);
  });

  test.each([
    ['an interpreter that is not there', () => '/nowhere/python', /got spawn \/nowhere\/python ENOENT/],
    ['one without PyTorch', () => standIn('console.error("no torch"); process.exit(1)'), /got no torch/],
    ['one that dies', () => standIn('process.kill(process.pid)'), /got it ended \(SIGTERM\)/],
    ['another program', () => standIn('console.log("hello")'), /got hello/],
  ])('refuses %s', async (_, python, message) => {
    const { code, stderr } = await bench(python());
    expect(stderr).toMatch(message);
    expect(stderr).toContain('allowed: a Python 3 with PyTorch and NumPy');
    expect(code).toBe(2);
  });

  test.each([
    ['--rule', 'linear'],
    ['--threads', '0'],
  ])('refuses %s %s', async (flag, value) => {
    const { code, stderr } = await bench('python3', flag, value);
    expect(stderr).toContain(flag);
    expect(code).toBe(2);
  });

  test('ends the process when it is interrupted', async () => {
    const abort = new AbortController();
    const hangs = standIn('setInterval(() => undefined, 1000)');
    setTimeout(() => abort.abort(), 1000);
    const args = ['bench', '--model', net, '--against-pytorch', hangs];
    expect((await runCli(args, abort.signal)).code).toBe(130);
    expect(memory().numTensors).toBe(0);
  });
});
