import { describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

test('bench prints three times of one run and their ratios', async () => {
  const { code, stdout } = await runCli(['bench', '--backend', 'wasm', '--rounds', '3', '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Record<string, number> & { backend: string };
  expect(report).toMatchObject({ backend: 'wasm', classes: 10, rounds: 3, model: 'mnist' });
  expect(report.allClassesOverForward).toBeCloseTo(report.allClassesMs! / report.forwardMs!, 9);
  expect(report.autogradOverAllClasses).toBeCloseTo(report.autogradMs! / report.allClassesMs!, 9);
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
