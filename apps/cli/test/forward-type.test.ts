import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyBytes } from '@clearmaps/datasets';
import { writeLayersModel } from '@clearmaps/models/node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { nearTieNet, nearTieResponses, nearTies } from '../../../packages/onnx/test/near-tie-nets.ts';
import { float32sOf, parseNpy } from './numpy-format.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

/** A net and an image that float32 takes for another than it is. */
const { layer, pixels, passes } = nearTies.find((tie) => tie.layer.type === 'relu')!;
const graph = nearTieNet(layer);
const image = Float32Array.from(pixels.flat());
const responses = nearTieResponses(passes);
const folder = temporaryFolder();
const array = join(folder, 'image.npy');
const sweep = ['--rule', 'gradient', '--seed', 'unit'];
const plain = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);
let model: string;

beforeAll(async () => {
  model = await writeLayersModel(graph, join(folder, 'model'));
  writeFileSync(array, npyBytes(image, graph.inputShape));
});

async function explained(...flags: string[]): Promise<{ forward: string; responses: number[] }> {
  const out = temporaryFolder();
  const args = ['explain', '--model', model, '--input-array', array, ...sweep, '--save-arrays', ...flags];
  const { code, stdout, stderr } = await runCli([...args, '--out', out, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { results } = JSON.parse(stdout);
  const { forward } = results[0];
  const file = (results[0].arrays as string[]).find((name) => name.endsWith('responses.npy'))!;
  return { forward, responses: plain(float32sOf(parseNpy(readFileSync(file)))) };
}

describe('--forward float64', () => {
  test.each(['auto', 'native'])('decides a near-tie as exact arithmetic does, on %s', async (backend) => {
    const found = await explained('--backend', backend, '--forward', 'float64');
    expect(found).toEqual({ forward: 'float64', responses });
    const fast = await explained('--backend', backend, '--forward', 'float32');
    expect(fast.forward).toBe('float32');
    expect(fast.responses).not.toEqual(responses);
  });

  test('is what explain takes by itself, where native runs', async () => {
    expect(await explained()).toEqual({ forward: 'float64', responses });
    expect((await explained('--backend', 'wasm')).forward).toBe('float32');
  });

  test('is said of methods whose signs and switches it decides', async () => {
    const forwardOf = async (method: string) => {
      const args = ['explain', 'mnist:0', '--method', method, '--out', temporaryFolder(), '--json'];
      return JSON.parse((await runCli(args)).stdout).results[0].forward;
    };
    expect(await forwardOf('saliency')).toBe('float64');
    expect(await forwardOf('cam')).toBe('float32');
  });

  test('goes into an exported file', async () => {
    const out = join(temporaryFolder(), 'clear.onnx');
    const args = ['export', '--model', model, ...sweep, '--responses', '--out', out];
    expect(await runCli([...args, '--forward', 'float64'])).toMatchObject({ code: 0 });
    const session = await InferenceSession.create(out, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const found = await session.run({ image: new Tensor('float32', image, [1, ...graph.inputShape]) });
    await session.release();
    expect(plain(found.responses!.data as Float32Array)).toEqual(responses);
  });

  test('passes the known cases', async () => {
    const { code, stdout } = await runCli(['verify', '--forward', 'float64', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ backend: 'native', passed: true });
    expect(code).toBe(0);
  });

  test('is had by unit, and by what is reproduced, where it is asked for', async () => {
    const unit = ['unit', 'conv_5:12', '--images', '4', '--steps', '2', '--out', temporaryFolder()];
    const table1 = ['reproduce', 'table1', '--limit', '1', '--no-controls', '--json'];
    const exact = ['--backend', 'native', '--forward', 'float64'];
    expect(await runCli([...unit, ...exact])).toMatchObject({ code: 0 });
    expect(JSON.parse((await runCli([...table1, ...exact])).stdout).forward).toBe('float64');
    expect(JSON.parse((await runCli(table1)).stdout).forward).toBe('float32');
    const checkpoint = join(temporaryFolder(), 'study.json');
    const study = [
      ...[
        'reproduce',
        'study',
        '--limit',
        '1',
        '--rules',
        'guided',
        '--seeds',
        'unit',
        '--reductions',
        'sum',
      ],
      ...['--checkpoint', checkpoint],
    ];
    expect(await runCli([...study, ...exact])).toMatchObject({ code: 0 });
    const other = await runCli(study);
    expect(other.stderr).toMatch(/--checkpoint .*got results of .*"forward":"float64"/);
  });

  test('has a row of its own in the bench, and its ratios to float32', async () => {
    const args = [
      'bench',
      '--model',
      model,
      '--rounds',
      '1',
      '--backend',
      'native,cpu',
      '--forward',
      'float64',
    ];
    const { code, stdout } = await runCli([...args, '--json']);
    expect(code).toBe(0);
    const [{ rows, float64Over }] = JSON.parse(stdout).nets;
    expect(rows.map(({ backend }: { backend: string }) => backend)).toEqual([
      'native',
      'native, float64',
      'cpu',
    ]);
    const [native, float64] = rows;
    expect(float64Over.forward).toBeCloseTo(float64.forwardMs / native.forwardMs, 9);
    expect(float64Over.allClasses).toBeCloseTo(float64.allClassesMs / native.allClassesMs, 9);
    const { stdout: text } = await runCli(args);
    expect(text).toMatch(
      /^in float64 a forward pass takes [\d.]+ times as long as in float32, 2 classes [\d.]+ times$/m,
    );
  });

  test.each([
    ['explain', ['explain', 'mnist:0'], 'wasm'],
    ['explain', ['explain', 'mnist:0', '--workers', '2'], 'cpu'],
    ['explain', ['explain', 'mnist:0', '--method', 'guided'], 'webgpu'],
    ['gallery', ['gallery'], 'wasm'],
    ['contact-sheet', ['contact-sheet', 'mnist:0'], 'wasm'],
    ['evaluate', ['evaluate', '--data', 'mnist:unseen'], 'cpu'],
    ['verify', ['verify'], 'wasm'],
    ['unit', ['unit', 'conv_5:1'], 'wasm'],
    ['reproduce table1', ['reproduce', 'table1', '--limit', '1'], 'wasm'],
    ['reproduce study', ['reproduce', 'study', '--limit', '1'], 'cpu'],
    ['reproduce figures', ['reproduce', 'figures'], 'wasm'],
  ])('is refused by %s where the backend has no float64', async (name, args, backend) => {
    const out = join(temporaryFolder(), 'maps');
    const place = ['evaluate', 'verify', 'reproduce table1', 'reproduce study'].includes(name)
      ? []
      : ['--out', out];
    const { code, stderr } = await runCli([...args, '--backend', backend, '--forward', 'float64', ...place]);
    expect(stderr).toContain(
      `--forward float64: got --backend ${backend}, which computes in float32 alone; allowed: --backend auto, native.`,
    );
    expect(code).toBe(2);
    if (name === 'explain') expect(existsSync(out)).toBe(false);
  });

  test('is refused by a bench without native, and any other type by all', async () => {
    const bench = await runCli(['bench', '--backend', 'wasm', '--forward', 'float64']);
    expect(bench.stderr).toContain('--forward float64: got --backend wasm');
    expect(bench.code).toBe(2);
    const { code, stderr } = await runCli(['explain', 'mnist:0', '--forward', 'float16']);
    expect(stderr).toContain('float16');
    expect(code).toBe(2);
  });
});
