import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type FileServer, fileServer, send } from '../../../packages/datasets/test/file-server.ts';
import { mobileNetV2 } from '../../../packages/models/test/torch-nets.ts';
import { OFFICIAL_MODELS } from '../src/official-models.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const net = mobileNetV2('GlobalAveragePool');
const classNames = Array.from({ length: 10 }, (_, i) => `pet ${i}`);
const classIndex = Buffer.from(
  JSON.stringify(Object.fromEntries(classNames.map((name, i) => [i, [`n${i}`, name.replaceAll(' ', '_')]]))),
);
const served: Readonly<Record<string, Uint8Array>> = {
  '/squeezenet1.1-7.onnx': net,
  '/imagenet_class_index.json': classIndex,
};

const HALF = net.length >> 1;
let server: FileServer;
let stallAfter = Number.POSITIVE_INFINITY;
let onStall = (): void => {};
beforeAll(async () => {
  // The official files cannot be had in a test: files of our own go by their names, with their own checksums.
  for (const { files } of OFFICIAL_MODELS['squeezenet1.1'].sources) {
    for (const file of files) {
      const bytes = served[`/${file.name}`]!;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      Object.assign(file, { bytes: bytes.length, sha256 });
    }
  }
  server = await fileServer((request, response) => {
    const bytes = served[request.url!]!;
    if (bytes.length <= stallAfter) return send(request, response, bytes);
    // As a connection does that has died: the rest never comes.
    response.writeHead(200, { 'content-length': bytes.length, etag: '"one"' });
    response.write(bytes.subarray(0, stallAfter), () => onStall());
  });
});
afterAll(() => server.close());

let cache: string;
beforeEach(() => {
  cache = temporaryFolder();
  vi.stubEnv('CLEARMAPS_CACHE', cache);
  server.requests.length = 0;
  stallAfter = Number.POSITIVE_INFINITY;
});
afterEach(() => void vi.unstubAllEnvs());

const folder = (): string => join(cache, 'models', 'squeezenet1.1');
const fetchIt = (signal?: AbortSignal) =>
  runCli(['models', 'fetch', 'squeezenet1.1', '--base-url', server.url, '--json'], signal);
const statuses = (stdout: string): string[] =>
  JSON.parse(stdout).files.map(({ status }: { status: string }) => status);

test('models fetch puts the files where --model finds them by name', async () => {
  const { code, stdout, stderr } = await fetchIt();
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(statuses(stdout)).toEqual(['downloaded', 'downloaded']);
  expect(readdirSync(folder()).sort()).toEqual(['imagenet_class_index.json', 'squeezenet1.1-7.onnx']);
  expect(readFileSync(join(folder(), 'squeezenet1.1-7.onnx')).equals(net)).toBe(true);

  const out = temporaryFolder();
  const input = fileURLToPath(new URL('../../../docs/images/sheet.png', import.meta.url));
  const flags = [
    '--model',
    'squeezenet1.1',
    '--classes',
    'top:2',
    '--backend',
    'cpu',
    '--out',
    out,
    '--json',
  ];
  const explained = await runCli(['explain', input, ...flags]);
  expect({ code: explained.code, stderr: explained.code === 0 ? '' : explained.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(classNames).toContain(JSON.parse(explained.stdout).results[0].predicted.name);
});

test('models fetch asks for nothing where the files are there', async () => {
  await fetchIt();
  server.requests.length = 0;
  const { code, stdout } = await fetchIt();
  expect(code).toBe(0);
  expect(statuses(stdout)).toEqual(['kept', 'kept']);
  expect(server.requests).toEqual([]);
});

test('models fetch, interrupted half-way, goes on there in the next run', async () => {
  const interrupt = new AbortController();
  stallAfter = HALF;
  const part = join(folder(), 'squeezenet1.1-7.onnx.part');
  onStall = () => {
    const timer = setInterval(() => {
      if (!existsSync(part) || readFileSync(part).length < HALF) return;
      clearInterval(timer);
      interrupt.abort();
    }, 10);
  };
  expect((await fetchIt(interrupt.signal)).code).toBe(130);
  expect(readdirSync(folder())).toContain('squeezenet1.1-7.onnx.part');
  expect(readdirSync(folder())).not.toContain('squeezenet1.1-7.onnx');

  stallAfter = Number.POSITIVE_INFINITY;
  server.requests.length = 0;
  const { code, stdout } = await fetchIt();
  expect(code).toBe(0);
  expect(statuses(stdout)).toEqual(['resumed', 'downloaded']);
  expect(server.requests[0]).toBe(`GET /squeezenet1.1-7.onnx bytes=${HALF}-`);
  expect(readFileSync(join(folder(), 'squeezenet1.1-7.onnx')).equals(net)).toBe(true);
});
