import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../errors.ts';
import { isGzip } from '../gzip.ts';
import type { LabelledImages } from '../labelled-images.ts';
import { isMatFile, MAT_HEADER_BYTES } from '../mat5-file-header.ts';
import { type ReadIdxOptions, readIdx, readIdxFolder } from './idx-files.ts';
import { fileError } from './read-bytes.ts';
import { type ReadSvhnOptions, readSvhn } from './svhn-files.ts';

export interface ReadLabelledImagesOptions
  extends Pick<ReadIdxOptions, 'name' | 'prefix'>,
    Pick<ReadSvhnOptions, 'limit' | 'signal' | 'onProgress'> {}

const ALLOWED = 'IDX files (MNIST and its kin, .gz or not), or a cropped-digits .mat file of SVHN';

/**
 * Reads a data set of digits from whatever the path leads to: a folder with a pair of IDX files or with one .mat
 * file, either file of a pair, or a .mat file. The bytes of a file decide, not its name. In a folder with several
 * sets `prefix` chooses: 'train', 't10k', 'test'.
 *
 * @throws DatasetError when the path is missing, holds neither kind or both, and as `readIdx` and `readSvhn` do.
 */
export async function readLabelledImages(
  path: string,
  options: ReadLabelledImagesOptions = {},
): Promise<LabelledImages> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (stats.isDirectory()) return readFolder(path, options);
  const head = await readHead(path);
  if (isMatFile(head)) return readSvhn(path, options);
  if (isGzip(head) || isIdx(head)) return firstOf(await readIdx(path, options), options.limit);
  throw new DatasetError({
    asked: `a data set in ${path}`,
    got: head.length === 0 ? 'an empty file (0 bytes)' : 'a file of neither kind',
    allowed: ALLOWED,
    remedy: 'Check the path, or download the file again.',
  });
}

async function readFolder(path: string, options: ReadLabelledImagesOptions): Promise<LabelledImages> {
  const names = (await readdir(path)).sort();
  const mats = names.filter((name) => /\.mat$/i.test(name) && name.startsWith(options.prefix ?? ''));
  const idx = names.some((name) => /idx[13][-.]ubyte(\.gz)?$/i.test(name));
  if (idx && mats.length === 0) return firstOf(await readIdxFolder(path, options), options.limit);
  if (!idx && mats.length === 1) return readSvhn(join(path, mats[0]!), options);
  const several = [...mats.map((name) => `"${name}"`), ...(idx ? ['IDX files'] : [])].join(', ');
  throw new DatasetError({
    asked: `a data set in ${path}`,
    got: several || (options.prefix ? `none with prefix "${options.prefix}"` : 'none'),
    allowed: ALLOWED,
    remedy: several ? 'Give the path of one file.' : 'Check the path.',
  });
}

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(MAT_HEADER_BYTES), 0, MAT_HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw fileError(path, cause);
  } finally {
    await handle.close();
  }
}

function isIdx(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0 && head[2] === 8 && (head[3] === 1 || head[3] === 3);
}

function firstOf(set: LabelledImages, limit = set.count): LabelledImages {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new DatasetError({ asked: 'option `limit`', got: String(limit), allowed: 'integers from 1' });
  }
  const count = Math.min(limit, set.count);
  const size = set.height * set.width * set.channels;
  return {
    ...set,
    images: set.images.subarray(0, count * size),
    labels: set.labels.subarray(0, count),
    count,
  };
}
