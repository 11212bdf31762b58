import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
