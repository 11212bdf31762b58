import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

const server = createServer((request, response) => {
  if (request.url!.startsWith('/wrong/')) response.end('not the official bytes');
  else response.writeHead(404).end();
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('data fetch says the terms first, and refuses bytes that are not the official ones', async () => {
  const out = temporaryFolder();
  const { code, stderr } = await runCli([
    'data',
    'fetch',
    'mnist',
    '--out',
    out,
    '--base-url',
    `${base}/wrong/`,
  ]);
  expect(code).toBe(2);
  expect(stderr.indexOf('Creative Commons')).toBeGreaterThan(0);
  expect(stderr.indexOf('Creative Commons')).toBeLessThan(stderr.indexOf('Error:'));
  expect(stderr).toMatch(/train-images-idx3-ubyte\.gz/);
  expect(readdirSync(out).filter((name) => !name.endsWith('.part'))).toEqual([]);
});

test('data fetch names the file that a server lacks, and what to do by hand', async () => {
  const out = temporaryFolder();
  const { code, stderr } = await runCli([
    'data',
    'fetch',
    'svhn',
    '--out',
    out,
    '--base-url',
    `${base}/none/`,
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/train_32x32\.mat/);
  expect(stderr).toContain(out);
});

test.each([
  ['a data set it does not know', ['cifar'], /mnist.*svhn.*dogs/],
  ['a part that is none', ['mnist', '--parts', 'extra'], /train.*test/],
])('data fetch refuses %s', async (_what, args, message) => {
  const { code, stderr } = await runCli(['data', 'fetch', ...args, '--out', temporaryFolder()]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
