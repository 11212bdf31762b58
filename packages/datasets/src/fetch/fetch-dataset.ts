import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@clearmaps/files';
import { DatasetError } from '../errors.ts';
import { type DownloadOptions, type DownloadStatus, download } from './download.ts';
import {
  OFFICIAL_DATASETS,
  type OfficialDataset,
  type OfficialDatasetName,
  type OfficialFile,
} from './official-datasets.ts';
import { inWords } from './part-file.ts';

/** How far a download is. */
export interface FetchProgress {
  /** Name of the file under way. */
  readonly file: string;
  /** Bytes of it so far, those of earlier runs among them. Falls back to 0 where a server cannot resume. */
  readonly received: number;
  /** Bytes of the whole file. */
  readonly total: number;
  /** Place of the file among those asked for, from 0. */
  readonly fileIndex: number;
  readonly fileCount: number;
}

export interface FetchOptions extends Omit<DownloadOptions, 'onBytes'> {
  /** Parts of the set: 'train', 'test' (MNIST, SVHN), 'extra' (SVHN), 'lists', 'annotation', 'images' (dogs). */
  readonly parts?: readonly string[];
  /** A mirror of one's own, http or https, to be used instead of the official ones: the folder with the files. */
  readonly baseUrl?: string;
  /** Called after each chunk: some 16 to 64 KB. */
  readonly onProgress?: (progress: FetchProgress) => void;
}

export interface FetchedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly status: DownloadStatus;
}

/**
 * Downloads the official files of a data set into a folder, one after the other, as `OFFICIAL_DATASETS` lists them,
 * and checks size and checksum of each. Files already there are kept, interrupted downloads are resumed.
 * MNIST comes whole, SVHN without its 1.3 GB of extra crops unless `parts` names them. Archives are not unpacked.
 *
 * @param dir is made if missing.
 * @throws DatasetError for an unknown set or part, a `baseUrl` that is none, too little room on the disk, a file of
 * that name with other bytes, and when no mirror gives the right bytes; it says what to fetch by hand and where to
 * put it. Rejects with the signal's reason when that is aborted: what came so far is resumed by the next run.
 */
export async function fetchDataset(
  name: OfficialDatasetName,
  dir: string,
  options: FetchOptions = {},
): Promise<readonly FetchedFile[]> {
  if (!Object.hasOwn(OFFICIAL_DATASETS, name)) {
    const names = Object.keys(OFFICIAL_DATASETS).map((known) => `"${known}"`);
    throw new DatasetError({ asked: 'data set to download', got: `"${name}"`, allowed: names.join(', ') });
  }
  return fetchFiles(OFFICIAL_DATASETS[name], dir, options);
}

/**
 * `fetchDataset` for any table of files, such as those of a trained model.
 *
 * @throws as `fetchDataset` does, but for the unknown set.
 */
export async function fetchFiles(
  dataset: OfficialDataset,
  dir: string,
  { parts = dataset.defaultParts, baseUrl, onProgress, ...options }: FetchOptions = {},
): Promise<readonly FetchedFile[]> {
  const files = filesOf(dataset, parts);
  const mirrors = baseUrl === undefined ? dataset.mirrors : [folderUrl(baseUrl)];
  await inWords(dir, () => makeFolder(dir));
  const fetched: FetchedFile[] = [];
  for (const [fileIndex, file] of files.entries()) {
    options.signal?.throwIfAborted();
    const path = join(dir, file.name);
    const urls = mirrors.map((mirror) => new URL(file.name, mirror).href);
    await checkRoom(dir, path, file);
    const status = await download(file, urls, path, {
      ...options,
      onBytes: (received) =>
        onProgress?.({ file: file.name, received, total: file.bytes, fileIndex, fileCount: files.length }),
    });
    fetched.push({ name: file.name, path, bytes: file.bytes, status });
  }
  return fetched;
}

function filesOf({ title, files }: OfficialDataset, parts: readonly string[]): readonly OfficialFile[] {
  const known = new Set(files.map(({ part }) => part));
  const unknown = parts.filter((part) => !known.has(part));
  if (parts.length > 0 && unknown.length === 0) return files.filter(({ part }) => parts.includes(part));
  throw new DatasetError({
    asked: `parts of ${title}`,
    got: unknown.map((part) => `"${part}"`).join(', ') || 'none',
    allowed: [...known].map((part) => `"${part}"`).join(', '),
  });
}

function folderUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url.href;
  }
  throw new DatasetError({
    asked: 'option `baseUrl`',
    got: JSON.stringify(text),
    allowed: 'the http or https address of a folder',
  });
}

/** Says before an hour of downloading, not after it, that the disk is too small. */
async function checkRoom(dir: string, path: string, { name, bytes }: OfficialFile): Promise<void> {
  const here = await Promise.all([path, `${path}.part`].map(sizeOf));
  const missing = bytes - Math.max(...here);
  const { bavail, bsize, blocks } = await inWords(dir, () => statfs(dir));
  // Some network folders tell nothing: all zero.
  if (blocks === 0 || bavail * bsize >= missing) return;
  throw new DatasetError({
    asked: `room for ${name} in ${dir}`,
    got: `${bavail * bsize} free bytes`,
    allowed: `at least ${missing}`,
    remedy: 'Free some space, or choose another folder.',
  });
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
