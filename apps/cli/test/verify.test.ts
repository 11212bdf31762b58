import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sharedFolder } from '../../../packages/models/test/shared-files.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const { path: SHARED, missing } = sharedFolder('golden');
const BUNDLED = fileURLToPath(new URL('../../../packages/deconvnet/golden/', import.meta.url));

interface VerifyReport {
  readonly backend: string;
  readonly passed: boolean;
  readonly cases: readonly {
    name: string;
    worstRelativeError: number;
    wrongDominantClasses: number;
    checked: number;
  }[];
}

describe.each(['cpu', 'wasm'])('verify on %s', (backend) => {
  test('passes the cases that come along, four rules with two seeds and three of relevance each', async () => {
    const { code, stdout } = await runCli(['verify', '--backend', backend, '--json']);
    const report = JSON.parse(stdout) as VerifyReport;
    expect(report.backend).toBe(backend);
    expect(report.cases.map(({ name }) => name)).toContain('ties-flat-background');
    for (const { worstRelativeError, wrongDominantClasses, checked } of report.cases) {
      expect(worstRelativeError).toBeLessThanOrEqual(1e-5);
      expect(wrongDominantClasses).toBe(0);
      // Feature map, logits, probabilities, eleven responses, four dominant maps.
      expect(checked).toBe(18);
    }
    expect(code).toBe(0);
  });

  test.skipIf(missing)(`passes the full set${missing}`, async () => {
    const { code, stdout } = await runCli(['verify', SHARED, '--backend', backend, '--json']);
    expect((JSON.parse(stdout) as VerifyReport).cases).toHaveLength(7);
    expect(code).toBe(0);
  });

  test('exits with 1 and names the case where one response is off', async () => {
    const folder = temporaryFolder();
    const golden = JSON.parse(readFileSync(join(BUNDLED, 'same-pool-odd.json'), 'utf8'));
    const answer = golden.expected.responses['guided/activation'];
    const values = answer.data as number[];
    values[7] = values[7]! + 3e-5 * Math.max(...values.map(Math.abs));
    writeFileSync(join(folder, 'off.json'), JSON.stringify(golden));
    const { code, stdout } = await runCli(['verify', folder, '--backend', backend]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL same-pool-odd .*guided\/activation/);
  });

  test('exits with 1 where a clear winner is another class', async () => {
    const folder = temporaryFolder();
    const golden = JSON.parse(readFileSync(join(BUNDLED, 'same-pool-odd.json'), 'utf8'));
    const dominant = golden.expected.dominant.linear.class;
    const classes = (dominant.data ?? dominant) as number[];
    for (let i = 0; i < classes.length; i++) classes[i] = (classes[i]! + 1) % 4;
    writeFileSync(join(folder, 'off.json'), JSON.stringify(golden));
    const { code, stdout } = await runCli(['verify', folder, '--backend', backend, '--json']);
    expect((JSON.parse(stdout) as VerifyReport).cases[0]!.wrongDominantClasses).toBeGreaterThan(0);
    expect(code).toBe(1);
  });
});
