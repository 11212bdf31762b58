import { mnistNet } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { BenchRow } from '../src/bench/row.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const tiny = temporaryFolder();
beforeAll(() => writeLayersModel(mnistNet({ inputShape: [8, 8, 1], classNames: ['a', 'b', 'c'] }), tiny));
afterEach(() => vi.unstubAllEnvs());
const onTiny = ['bench', '--model', tiny, '--rounds', '2'];

describe('bench', () => {
  test('gives every figure of a net on each backend, and ratios of these', async () => {
    const { code, stdout } = await runCli([...onTiny, '--backend', 'native,wasm,cpu', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      machine: { node: process.version, cores: expect.any(Number) },
      backends: ['native', 'wasm', 'cpu'],
      rounds: 2,
      seconds: 5,
    });
    const [{ classes, inputShape, flops, rows, nativeOverWasm }] = report.nets;
    expect({ classes, inputShape }).toEqual({ classes: 3, inputShape: [8, 8, 1] });
    expect(flops.largestConvolution).toEqual({ layer: 'conv_2', flops: 2 * 64 * 9 * 32 * 32 });
    expect(flops.equalWork).toBe(4 * flops.forward);
    expect(flops.allClasses).toBeLessThan(flops.equalWork);
    expect(rows.map(({ backend }: BenchRow) => backend)).toEqual(['native', 'wasm', 'cpu']);
    for (const row of rows as Required<BenchRow>[]) {
      expect(row.allClassesOverForward).toBeCloseTo(row.allClassesMs / row.forwardMs, 9);
      expect(row.shareOfConvolution).toBeCloseTo(row.allClassesGflops / row.convolutionGflops, 9);
      expect(row.memory.kind).toBe(row.backend === 'native' ? 'process' : 'tensors');
      expect(row.rounds).toMatchObject({ convolution: 2, forward: 2, allClasses: 2 });
    }
    const [native, wasm, cpu] = rows as [BenchRow, Required<BenchRow>, Required<BenchRow>];
    expect(nativeOverWasm).toBeCloseTo(wasm.allClassesMs / native.allClassesMs!, 9);
    expect(native.autogradMs).toBeUndefined();
    for (const row of [wasm, cpu]) {
      expect(row.allClassesGflops).toBeCloseTo(flops.allClasses / row.allClassesMs / 1e6, 9);
      expect(row.autogradOverAllClasses).toBeCloseTo(row.autogradMs / row.allClassesMs, 9);
    }
    // Weights and responses alone, whatever else holds tensors meanwhile.
    expect(wasm.memory.bytes).toBe(cpu.memory.bytes);
    expect(wasm.memory.bytes).toBeGreaterThan(4 * 2 * (3 * 9 * 32 * 32));
    expect(memory().numTensors).toBe(0);
  });

  test('prints a table with a line a backend, and how many times faster native is', async () => {
    const { code, stdout } = await runCli([...onTiny, '--backend', 'native,wasm']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^backend +forward +3 classes +\/ forward +GFLOP\/s +conv alone +share +memory/m);
    expect(stdout).toMatch(/^native( +[\d.]+ ms){2}( +[\d.]+){3} +\d+ % +process \+ \d+ MiB +- +- +2 2 2$/m);
    expect(stdout).toMatch(
      /^wasm( +[\d.]+ ms){2}( +[\d.]+){3} +\d+ % +tensors \d+ MiB +[\d.]+ ms +[\d.]+ +2 2 2 2$/m,
    );
    expect(stdout).toMatch(/^native is [\d.]+ x faster than wasm$/m);
  });

  test('says on stderr that the net is read, and how far it is', async () => {
    const { stderr } = await runCli([...onTiny, '--backend', 'cpu']);
    expect(stderr).toBe(`read ${tiny}: 0/1\nread ${tiny}: 1/1\nbench ${tiny}: 0/3\nbench ${tiny}: 3/3\n`);
    const flags = ['--method', 'guided', '--backend', 'cpu', '--rounds', '1', '--workers', '1'];
    const ofMethod = await runCli(['bench', ...flags]);
    expect(ofMethod.stderr).toBe('bench guided on cpu: 0/1\nbench guided on cpu: 1/1\n');
    expect(ofMethod.stdout).toMatch(/^guided of one image of mnist on cpu: /);
  });

  test('names a backend that is not there and goes on with the others', async () => {
    vi.stubEnv('VK_ICD_FILENAMES', '/nowhere.json');
    const { code, stdout } = await runCli([...onTiny, '--backend', 'webgpu,cpu']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^webgpu: .*Vulkan/m);
    expect(stdout).toMatch(/^cpu +[\d.]+ ms/m);
  });

  test.each([
    ['--nets', 'table2,table5', 'table5', 'table2, table3, table4'],
    ['--backend', 'auto', 'auto', 'native, wasm, cpu, webgpu'],
  ])('refuses %s %s', async (flag, value, got, allowed) => {
    const { code, stderr } = await runCli(['bench', flag, value]);
    expect(stderr).toContain(`${flag}: got "${got}"; allowed: ${allowed}, with commas between`);
    expect(code).toBe(2);
  });

  test('stops between two rounds when it is interrupted', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    const { code, stdout } = await runCli(
      ['bench', '--model', tiny, '--backend', 'cpu', '--rounds', '1000000', '--seconds', '600'],
      abort.signal,
    );
    expect(code).toBe(130);
    expect(stdout).not.toContain('backend');
    expect(memory().numTensors).toBe(0);
  });
});

describe('bench --train', () => {
  test('prints a step in forward passes and two workers against one, of one run', async () => {
    const args = ['bench', '--train', '--backend', 'wasm', '--rounds', '2', '--batch', '6', '--json'];
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ backend: 'wasm', rounds: 2, model: 'mnist', batch: 6, workers: 2 });
    const { forwardMs, stepMs, stepOverForward, imagesPerSecond, workersOverOne } = report;
    expect(stepOverForward).toBeCloseTo(stepMs / forwardMs, 9);
    expect(workersOverOne).toBeCloseTo(imagesPerSecond.workers / imagesPerSecond.oneWorker, 9);
    for (const value of [forwardMs, stepMs, imagesPerSecond.oneWorker]) expect(value).toBeGreaterThan(0);
  });

  test('says the same in words, with the preset of the net', async () => {
    const { code, stdout } = await runCli(['bench', '--train', '--backend', 'wasm', '--rounds', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/32 images a step.*forward passes.*one worker.*2 workers .*times one worker/s);
  });

  test.each([
    ['--workers', '1'],
    ['--batch', '0'],
    ['--rounds', 'ten'],
  ])('refuses %s %s', async (flag, value) => {
    const { code, stderr } = await runCli(['bench', '--train', flag, value]);
    expect(stderr).toContain(`${flag}: got "${value}"; allowed: whole numbers from`);
    expect(code).toBe(2);
  });
});
