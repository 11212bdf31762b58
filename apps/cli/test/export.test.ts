import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseGoldenCase } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

const GOLDEN = fileURLToPath(new URL('../../../packages/deconvnet/golden/', import.meta.url));

interface ExportReport {
  readonly file: string;
  readonly bytes: number;
  readonly classes: readonly number[];
  readonly inputs: readonly { name: string; type: string; shape: readonly (string | number)[] }[];
  readonly outputs: readonly { name: string; type: string; shape: readonly (string | number)[] }[];
}

const goldenCases = readdirSync(GOLDEN)
  .filter((file) => file.endsWith('.json'))
  .map((file) => parseGoldenCase(JSON.parse(readFileSync(join(GOLDEN, file), 'utf8'))));

/** max |found - expected| / max |expected|. */
function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  const expectedValues = Array.from(expected);
  const largest = Math.max(...expectedValues.map(Math.abs)) || 1;
  return Math.max(...expectedValues.map((value, i) => Math.abs(found[i]! - value))) / largest;
}

describe.each(goldenCases)('the file exported from $name', ({ graph, input, expected }) => {
  test.each(Object.keys(expected.responses))(
    'answers within 1e-5 of the golden answers in onnxruntime: %s',
    async (key) => {
      const [rule, seed] = key.split('/') as [string, string];
      const folder = temporaryFolder();
      const model = await writeLayersModel(graph, join(folder, 'model'));
      const out = join(folder, 'clear.onnx');
      const flags = ['--rule', rule, '--seed', seed, '--responses', '--maps', '--out', out, '--json'];
      const { code, stdout, stderr } = await runCli(['export', '--model', model, ...flags]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const report = JSON.parse(stdout) as ExportReport;
      expect(report).toMatchObject({ file: out, bytes: statSync(out).size });
      expect(readdirSync(folder).sort()).toEqual(['clear.onnx', 'model']);

      const session = await InferenceSession.create(out, { intraOpNumThreads: 1, logSeverityLevel: 3 });
      expect(session.inputNames).toEqual(report.inputs.map(({ name }) => name));
      expect(session.outputNames).toEqual(report.outputs.map(({ name }) => name));
      const answers = await session.run({ image: new Tensor('float32', input.values, input.shape) });
      await session.release();
      const floats = (name: string) => answers[name]!.data as Float32Array;
      expect(relativeError(floats('logits'), expected.logits.values)).toBeLessThanOrEqual(1e-5);
      expect(relativeError(floats('probabilities'), expected.probabilities.values)).toBeLessThanOrEqual(1e-5);
      expect(relativeError(floats('responses'), expected.responses[key]!.values)).toBeLessThanOrEqual(1e-5);
      const dominant = expected.dominant[rule];
      if (seed !== 'activation' || dominant === undefined) return;
      expect(relativeError(floats('dominant_response'), dominant.response)).toBeLessThanOrEqual(1e-5);
      const maps = floats('maps');
      const closest = 1e-5 * Math.max(...maps.map(Math.abs));
      const pixels = dominant.class.length;
      for (const [pixel, c] of dominant.class.entries()) {
        const values = Array.from({ length: maps.length / pixels }, (_, row) => maps[row * pixels + pixel]!);
        const lead = values[c]! - Math.max(...values.filter((_, row) => row !== c));
        // Only where the winner leads by more than float32 can err does the answer bind.
        if (lead > closest) expect(Number(answers.dominant_class!.data[pixel]), `pixel ${pixel}`).toBe(c);
      }
    },
  );
});

describe('export', () => {
  test('writes the bundled net and says what goes in and out', async () => {
    const out = join(temporaryFolder(), 'new', 'folder', 'clear.onnx');
    const { code, stdout } = await runCli(['export', '--classes', '7,3', '--maps', '--out', out]);
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toMatch(/clear\.onnx {2}0\.2 MB, mnist, guided, positive$/);
    expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/).slice(0, 3))).toEqual([
      ['in', 'image', 'float32 [batch, 28, 28, 1]'],
      ['out', 'logits', 'float32 [batch, 10]'],
      ['out', 'probabilities', 'float32 [batch, 10]'],
      ['out', 'dominant_class', 'int64 [batch, 28, 28]'],
      ['out', 'dominant_response', 'float32 [batch, 28, 28]'],
      ['out', 'maps', 'float32 [batch, 2, 28, 28]'],
    ]);
    const session = await InferenceSession.create(out, { intraOpNumThreads: 1 });
    const image = new Tensor('float32', new Float32Array(3 * 784).fill(0.5), [3, 28, 28, 1]);
    const { dominant_class } = await session.run({ image });
    await session.release();
    expect(dominant_class!.dims).toEqual([3, 28, 28]);
    for (const c of new Set(dominant_class!.data as BigInt64Array)) expect([3n, 7n]).toContain(c);
  });

  test.each([
    [['--classes', 'top:3'], /--classes: got top:3; allowed: all, or names and numbers/],
    [['--classes', '11'], /--classes: got class "11"/],
    [['--rule', 'lrp'], /lrp/],
    [['--reduction', 'mean'], /mean/],
    [['--model', 'nowhere'], /nowhere/],
  ])('refuses %s and writes nothing', async (flags, message) => {
    const out = join(temporaryFolder(), 'clear.onnx');
    const { code, stderr } = await runCli(['export', ...flags, '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });

  test('refuses to write to a folder', async () => {
    const folder = join(temporaryFolder(), 'clear.onnx');
    mkdirSync(folder);
    const { code, stderr } = await runCli(['export', '--out', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--out: got the folder .*clear\.onnx; allowed: a file/);
  });
});
