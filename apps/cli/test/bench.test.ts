import { expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

test('bench prints three times of one run and their ratios', async () => {
  const { code, stdout } = await runCli(['bench', '--backend', 'wasm', '--rounds', '3', '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Record<string, number> & { backend: string };
  expect(report).toMatchObject({ backend: 'wasm', classes: 10, rounds: 3, model: 'mnist' });
  expect(report.allClassesOverForward).toBeCloseTo(report.allClassesMs! / report.forwardMs!, 9);
  expect(report.autogradOverAllClasses).toBeCloseTo(report.autogradMs! / report.allClassesMs!, 9);
});
