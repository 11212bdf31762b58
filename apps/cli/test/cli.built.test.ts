import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from './run-cli.ts';

const BINARY = fileURLToPath(new URL('../bin/clearmaps.js', import.meta.url));
const ROOT_BINARY = fileURLToPath(new URL('../../../node_modules/.bin/clearmaps', import.meta.url));
const exec = promisify(execFile);
const clearmaps = (...args: string[]) => exec(process.execPath, [BINARY, ...args]);

test('the binary is linked at the root of the repository', async () => {
  const { stdout } = await exec(ROOT_BINARY, ['--version']);
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  expect(stdout.trim()).toBe(version);
});

test('--help shows every command, examples and exit codes', async () => {
  const { stdout } = await clearmaps('--help');
  for (const word of ['explain', 'gallery', 'evaluate', 'verify', 'bench', 'Examples:', 'Exit codes:']) {
    expect(stdout).toContain(word);
  }
});

test('the built packages pass their golden cases', async () => {
  const { stdout } = await clearmaps('verify', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ backend: 'native', passed: true });
  const onWasm = await clearmaps('verify', '--json', '--backend', 'wasm');
  expect(JSON.parse(onWasm.stdout)).toMatchObject({ backend: 'wasm', passed: true });
});

test('doctor verifies every backend that runs, and passes over one that does not', async () => {
  const { stdout } = await clearmaps('doctor', '--verify', '--json');
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ passed: true, auto: { name: 'native', skipped: [] } });
  expect(report.backends.map(({ name }: { name: string }) => name)).toEqual([
    'native',
    'wasm',
    'cpu',
    'webgpu',
  ]);
  for (const { name, runs, says, verified } of report.backends) {
    expect(runs || name === 'webgpu', `${name}: ${says}`).toBe(true);
    if (runs)
      expect(verified.map(({ passed }: { passed: boolean }) => passed)).toEqual([true, true, true, true]);
    else expect(says).toContain('requestAdapter() returned null');
  }
});

test('doctor says in words which backend auto takes, and what it runs on', async () => {
  const { stdout } = await clearmaps('doctor');
  expect(stdout).toMatch(/^Node [\d.]+ on \S+, \d+ cores, [\d.]+ GB of memory\n/);
  expect(stdout).toMatch(/\n {2}onnxruntime-node +\d/);
  expect(stdout).toMatch(/\n {2}native {2}runs {2}onnxruntime-node/);
  expect(stdout).toMatch(/\nauto takes native, the fastest\n$/);
});

test('a digit is explained from end to end, quietly on stdout', async () => {
  const out = temporaryFolder();
  const { stdout } = await clearmaps('explain', 'mnist:3', '--out', out, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ results: [{ input: 'mnist:3' }] });
  expect(readdirSync(out)).toEqual(['mnist-3.png']);
  expect(readFileSync(`${out}/mnist-3.png`).subarray(1, 4).toString()).toBe('PNG');
});

test('native explanations load no TensorFlow.js, which takes longer than they do', async () => {
  const hooks = `export const resolve = (name, context, next) => {
    if (name.startsWith('@tensorflow/')) throw new Error('asked for ' + name);
    return next(name, context);
  };`;
  const refusing = `import { register } from 'node:module'; register(${JSON.stringify(moduleUrl(hooks))});`;
  const explained = (backend: string) =>
    exec(process.execPath, [
      ...['--import', moduleUrl(refusing), BINARY],
      ...['explain', 'mnist:3', '--backend', backend, '--out', temporaryFolder(), '--json'],
    ]);
  expect(JSON.parse((await explained('native')).stdout)).toMatchObject({ results: [{ input: 'mnist:3' }] });
  await expect(explained('cpu')).rejects.toThrow('asked for @tensorflow/');
});

const moduleUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

test('bad input exits with 2', async () => {
  await expect(clearmaps('explain', 'mnist:99999')).rejects.toMatchObject({ code: 2 });
});

test('an output that nobody reads any more ends the process quietly', async () => {
  const child = spawn(process.execPath, [BINARY, 'verify', '--backend', 'cpu']);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  expect(code).toBe(141);
  expect(stderr).not.toMatch(/EPIPE|\bat /);
});

// A limit on the size of files ends a write in the middle, as a disk does that fills up: part of it is written first.
test.skipIf(process.platform === 'win32')(
  'what there is no room for is an error, and no file cut short is left behind',
  async () => {
    const folder = temporaryFolder();
    const limited = 'ulimit -f 64; exec "$0" "$@"';
    // The signal that comes with the error would end the process.
    const deaf = 'data:text/javascript,process.on("SIGXFSZ", () => {})';
    const command = [process.execPath, '--import', deaf, BINARY, 'export', '--out', `${folder}/clear.onnx`];
    const failure = exec('sh', ['-c', limited, ...command]);
    await expect(failure).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/to write .*clear\.onnx: got EFBIG/),
    });
    expect(readdirSync(folder)).toEqual([]);
  },
);

test.skipIf(process.platform !== 'linux')('what cannot be printed is an error in a line', async () => {
  const failure = exec('sh', ['-c', '"$0" "$@" > /dev/full', process.execPath, BINARY, 'inspect', 'mnist']);
  await expect(failure).rejects.toMatchObject({ code: 2, stderr: 'Error: to print: got ENOSPC.\n' });
});
