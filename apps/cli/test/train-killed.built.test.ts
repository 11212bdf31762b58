import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCheckpoint } from '@clearmaps/training/node';
import { beforeAll, expect, test } from 'vitest';
import { fewDigits } from './digit-folder.ts';
import { temporaryFolder } from './run-cli.ts';

const BINARY = fileURLToPath(new URL('../bin/clearmaps.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
}

/** A process of its own that trains; sent the signal once it has printed that a step of the epoch is done. */
function trainInProcess(
  args: readonly string[],
  stop?: { readonly signal: NodeJS.Signals; readonly inEpoch: number },
): Promise<Ended> {
  const child = spawn(process.execPath, [BINARY, 'train', 'mnist', ...args]);
  let text = '';
  const listen = (chunk: Buffer): void => {
    text += chunk;
    // Once: at a second Ctrl-C a process goes at once.
    if (stop && !child.killed && text.includes(`epoch ${stop.inEpoch}/`)) child.kill(stop.signal);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, text }));
  });
}

const floats = (folder: string): Float32Array => {
  const { buffer, byteOffset, length } = readFileSync(join(folder, 'weights.bin'));
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
};

let data: string;
let whole: string;
const flags = (out: string): string[] => [
  ...['--data', data, '--out', out, '--epochs', '3', '--batch', '8', '--workers', '2', '--backend', 'wasm'],
];
beforeAll(async () => {
  data = await fewDigits(80);
  whole = temporaryFolder();
  expect((await trainInProcess(flags(whole))).code).toBe(0);
});

test.each([
  ['killed', 'SIGKILL', { code: null, signal: 'SIGKILL' }],
  ['interrupted', 'SIGINT', { code: 130, signal: null }],
] as const)(
  'a process %s within an epoch and resumed ends with the weights of one that was not',
  async (_what, signal, ending) => {
    const out = temporaryFolder();
    const stopped = await trainInProcess(flags(out), { signal, inEpoch: 2 });
    expect(stopped).toMatchObject(ending);
    expect(stopped.text).not.toContain('epoch 2:');
    expect(readdirSync(out)).toEqual(['checkpoint.bin']);
    expect((await readCheckpoint(join(out, 'checkpoint.bin'))).curve).toHaveLength(1);

    const resumed = await trainInProcess([...flags(out), '--resume']);
    expect(resumed.code).toBe(0);
    expect(resumed.text).not.toContain('epoch 1/');
    const [expected, got] = [floats(whole), floats(out)];
    expect(got).toHaveLength(expected.length);
    const worst = got.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(1e-6);
    expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
  },
);
