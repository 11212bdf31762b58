import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { sharedFolder } from '../../../packages/models/test/shared-files.ts';
import { loadModel } from '../src/model-source.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url!);
  response.end('not the official bytes');
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

test.each([
  ['squeezenet1.1', 'squeezenet1.1-7.onnx', /Apache License 2\.0/],
  ['vgg16', 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5', /Creative Commons Attribution 4\.0/],
])('models fetch %s names the licence first, and refuses other bytes', async (name, file, licence) => {
  const out = temporaryFolder();
  const { code, stderr } = await runCli(['models', 'fetch', name, '--out', out, '--base-url', base]);
  expect(code).toBe(2);
  expect(asked).toContain(`/${file}`);
  expect(stderr.search(licence)).toBeGreaterThan(0);
  expect(stderr.search(licence)).toBeLessThan(stderr.indexOf('Error:'));
  expect(readdirSync(out).filter((there) => !there.endsWith('.part'))).toEqual([]);
});

test('models fetch leaves a file of that name alone', async () => {
  const out = temporaryFolder();
  writeFileSync(join(out, 'squeezenet1.1-7.onnx'), 'mine');
  const { code, stderr } = await runCli(['models', 'fetch', 'squeezenet1.1', '--out', out]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/another file of that name/);
});

test('models fetch knows two models', async () => {
  const { code, stderr } = await runCli(['models', 'fetch', 'resnet']);
  expect(stderr).toMatch(/squeezenet1\.1.*vgg16/);
  expect(code).toBe(2);
});

const onnx = sharedFolder('models/squeezenet1.1/squeezenet1.1.onnx');

describe('--model by the name of a model to fetch', () => {
  const cache = temporaryFolder();
  beforeEach(() => void vi.stubEnv('CLEARMAPS_CACHE', cache));
  afterEach(() => void vi.unstubAllEnvs());

  test('says how to fetch it where that has not been done', async () => {
    const { code, stderr } = await runCli(['inspect', 'vgg16']);
    expect(stderr).toMatch(/clearmaps models fetch vgg16/);
    expect(code).toBe(2);
  });

  test.skipIf(onnx.missing)(`takes the fetched file, with ImageNet's classes${onnx.missing}`, async () => {
    // Another file of the same net: the model zoo's own cannot be had here.
    const folder = join(cache, 'models', 'squeezenet1.1');
    mkdirSync(folder, { recursive: true });
    copyFileSync(onnx.path, join(folder, 'squeezenet1.1-7.onnx'));
    const index = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [i, [`n${i}`, i === 151 ? 'Mexican_dog' : `class_${i}`]]),
    );
    writeFileSync(join(folder, 'imagenet_class_index.json'), JSON.stringify(index));
    const model = await loadModel('squeezenet1.1');
    expect(model.classNames![151]).toBe('Mexican dog');
    expect(model.preprocessing).toMatchObject({ channels: 'rgb', shortSide: 256 });
    writeFileSync(join(folder, 'imagenet_class_index.json'), '{"1": ["n1", "tench"]}');
    await expect(loadModel('squeezenet1.1')).rejects.toThrow(/index of classes/);
  });
});
