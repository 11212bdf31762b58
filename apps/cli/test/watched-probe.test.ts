import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { probeWatched } from '../src/watched-probe.ts';
import { temporaryFolder } from './run-cli.ts';

const { signal } = new AbortController();

/** A process that does what a broken driver might. */
function probing(code: string) {
  const path = join(temporaryFolder(), 'probe.mjs');
  writeFileSync(path, code);
  return { name: 'webgpu', patience: 1000, signal, script: pathToFileURL(path) };
}

describe('a backend in a process of its own', () => {
  test('that hangs in a loop no timer can leave does not run, and the process is ended', async () => {
    const report = await probeWatched(probing('for (;;);'));
    expect(report).toEqual({
      name: 'webgpu',
      runs: false,
      says: 'it hangs: nothing came back within 1 s',
    });
  });

  test('that takes its process down does not run, with its last words', async () => {
    const crash = `process.stderr.write('loading\\nvkCreateInstance failed\\n', () => process.kill(process.pid, 'SIGSEGV'))`;
    expect(await probeWatched(probing(crash))).toEqual({
      name: 'webgpu',
      runs: false,
      says: 'it took its process down (SIGSEGV): vkCreateInstance failed',
    });
  });

  test('that breaks down while it is verified runs, but cannot be trusted', async () => {
    const report = { name: 'webgpu', runs: true, says: 'a GPU', verified: [] };
    const code = `process.send(${JSON.stringify({ report, done: false })}, () => process.exit(3))`;
    expect(await probeWatched(probing(code))).toEqual({
      ...report,
      failed: 'it took its process down (exit code 3)',
    });
  });

  test('is waited for as long as it shows signs of life', async () => {
    const report = { name: 'webgpu', runs: true, says: 'a slow GPU' };
    const code = `let step = 0;
      setInterval(() => process.send({ report: ${JSON.stringify(report)}, done: ++step === 4 }), 800);`;
    expect(await probeWatched({ ...probing(code), patience: 3000 })).toEqual(report);
  });

  test('ends with the command', async () => {
    const interrupt = new AbortController();
    const probed = probeWatched({ ...probing('setInterval(() => {}, 1000)'), signal: interrupt.signal });
    interrupt.abort(new Error('interrupted'));
    await expect(probed).rejects.toThrow('interrupted');
  });
});
