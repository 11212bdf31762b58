import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DatasetError } from '../errors.ts';
import { labelledImagesFromIdx } from '../idx-images.ts';
import type { LabelledImages } from '../labelled-images.ts';
import { fileError, readBytes } from './read-bytes.ts';

export interface ReadIdxOptions {
  /** Chooses between several pairs in one folder: 'train' for `train-images-idx3-ubyte.gz`, 't10k', ... */
  readonly prefix?: string;
  /** Name of the set; default the prefix of the files. */
  readonly name?: string;
  /** One a class, in label order; default the digits '0'..'9'. */
  readonly classNames?: readonly string[];
}

interface IdxFile {
  readonly file: string;
  readonly prefix: string;
  readonly kind: 'images' | 'labels';
}

// Copies of MNIST come as train-images-idx3-ubyte and as train-images.idx3-ubyte.
const NAME = /^(?:(?<prefix>.+)[-.])?(?<kind>images[-.]idx3|labels[-.]idx1)[-.]ubyte(?:\.gz)?$/i;
const NAMES_WANTED = 'PREFIX-images-idx3-ubyte and PREFIX-labels-idx1-ubyte, with or without .gz';

/**
 * Reads the pair of IDX files in a folder, as MNIST and its kin are given out. Where a file is there both packed
 * and unpacked, the unpacked one is read.
 *
 * @throws DatasetError when the folder is missing or has no pair, half a pair, or several pairs and no `prefix`
 * chooses one; when a file cannot be read; and as `labelledImagesFromIdx` does.
 */
export async function readIdxFolder(dir: string, options: ReadIdxOptions = {}): Promise<LabelledImages> {
  const files = await idxFiles(dir);
  const prefixes = [...new Set(files.map((file) => file.prefix))].sort();
  const found = prefixes.map((prefix) => `"${prefix}"`).join(', ');
  if (files.length === 0) {
    throw new DatasetError({ asked: `IDX files in ${dir}`, got: 'none', allowed: NAMES_WANTED });
  }
  if (options.prefix === undefined && prefixes.length > 1) {
    throw new DatasetError({
      asked: `the IDX files in ${dir}`,
      got: `files with ${prefixes.length} prefixes, ${found}`,
      remedy: 'Choose one by its prefix.',
    });
  }
  const prefix = options.prefix ?? prefixes[0]!;
  if (!prefixes.includes(prefix)) {
    throw new DatasetError({
      asked: `IDX files with prefix "${prefix}" in ${dir}`,
      got: 'none',
      allowed: found,
    });
  }
  return readPair(dir, files, prefix, options);
}

/**
 * Reads IDX files from a folder (see `readIdxFolder`), or from the path of either file of a pair: the other one
 * is found beside it.
 *
 * @throws DatasetError as `readIdxFolder` does, and when the name of the file does not tell its partner.
 */
export async function readIdx(path: string, options: ReadIdxOptions = {}): Promise<LabelledImages> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (stats.isDirectory()) return readIdxFolder(path, options);
  const file = idxFile(basename(path));
  if (!file) {
    throw new DatasetError({
      asked: `IDX file ${path}`,
      got: 'a name that does not tell its partner',
      allowed: NAMES_WANTED,
      remedy: 'Rename the files, or pass their bytes to labelledImagesFromIdx.',
    });
  }
  const dir = dirname(path);
  const others = (await idxFiles(dir)).filter((other) => other.kind !== file.kind);
  return readPair(dir, [file, ...others], file.prefix, options);
}

async function readPair(
  dir: string,
  files: readonly IdxFile[],
  prefix: string,
  { name, classNames }: ReadIdxOptions,
): Promise<LabelledImages> {
  const pathOf = (kind: IdxFile['kind']): string => {
    const match = files.find((file) => file.prefix === prefix && file.kind === kind);
    if (match) return join(dir, match.file);
    const partner = files.find((file) => file.prefix === prefix)!;
    throw new DatasetError({
      asked: `the ${kind} that belong to ${join(dir, partner.file)}`,
      got: `no such file in ${dir}`,
      allowed: NAMES_WANTED,
    });
  };
  const sources = { images: pathOf('images'), labels: pathOf('labels') };
  const [images, labels] = await Promise.all([readBytes(sources.images), readBytes(sources.labels)]);
  return labelledImagesFromIdx(images, labels, {
    name: name ?? (prefix || basename(dir)),
    ...(classNames && { classNames }),
    sources,
  });
}

async function idxFiles(dir: string): Promise<IdxFile[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw fileError(dir, cause);
  });
  // In sorted order a plain file comes before the same file with .gz.
  return names.sort().flatMap((name) => idxFile(name) ?? []);
}

function idxFile(file: string): IdxFile | undefined {
  const groups = NAME.exec(file)?.groups;
  if (!groups) return undefined;
  const kind = groups.kind!.toLowerCase().startsWith('images') ? 'images' : 'labels';
  return { file, prefix: groups.prefix ?? '', kind };
}
