import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BackendReport, failureOf, probeBackend } from '../src/backend-probe.ts';
import { bundledCases } from '../src/golden-cases.ts';
import { temporaryFolder } from './run-cli.ts';

const CASE = 'same-pool-odd.json';

test('a probe tells of each step, and gives what it last told', async () => {
  const folder = temporaryFolder();
  copyFileSync(join(bundledCases(), CASE), join(folder, CASE));
  const steps: BackendReport[] = [];
  const report = await probeBackend('wasm', folder, (step) => steps.push(step));
  expect(steps.map(({ verified }) => verified?.length)).toEqual([undefined, 1]);
  expect(report).toEqual(steps[1]);
  expect(report).toMatchObject({
    name: 'wasm',
    runs: true,
    verified: [{ name: 'same-pool-odd', passed: true }],
  });
  expect(report.says).toMatch(/SIMD/);
  expect(failureOf(report)).toBeUndefined();
});

test('a backend with a wrong answer runs, and the failure names the case', async () => {
  const folder = temporaryFolder();
  const golden = JSON.parse(readFileSync(join(bundledCases(), CASE), 'utf8'));
  golden.expected.logits.data[0] += 1;
  writeFileSync(join(folder, CASE), JSON.stringify(golden));
  const report = await probeBackend('cpu', folder, () => {});
  expect(report.runs).toBe(true);
  expect(failureOf(report)).toBe('1 of 1 known cases wrong: same-pool-odd');
});

test('a backend whose cases cannot be read runs, and says what kept it from being verified', async () => {
  const report = await probeBackend('cpu', temporaryFolder(), () => {});
  expect(report.runs).toBe(true);
  expect(failureOf(report)).toMatch(/golden cases in .*: got none/);
});
