import { basename } from 'node:path';
import { DatasetError } from '../errors.ts';
import type { LabelledImages } from '../labelled-images.ts';
import { openSvhn, type SvhnFile, svhnImages } from '../svhn.ts';
import { SVHN_IMAGE_BYTES } from '../svhn-variables.ts';
import { openFile } from './file-source.ts';

/** How far a file has been read. */
export interface SvhnProgress {
  /** Images so far. */
  readonly done: number;
  /** Images in all, no more than `limit`. */
  readonly total: number;
}

export interface ReadSvhnOptions {
  /** Name of the set; default the name of the file without `.mat`. */
  readonly name?: string;
  /** The first so many images only, at least 1; default all. What comes after them is not checked. */
  readonly limit?: number;
  /** Stops between two batches; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each batch of about 1000 images, or of `batch`. */
  readonly onProgress?: (progress: SvhnProgress) => void;
}

export interface StreamSvhnOptions extends ReadSvhnOptions {
  /** Images a batch, at least 1; default 1024. The last batch may have fewer. */
  readonly batch?: number;
}

const BATCH = 1024;

/**
 * Reads a cropped-digits file of SVHN (see `parseSvhn`) into one array of bytes, 3072 an image: 225 MB for
 * `train_32x32.mat`, 1.6 GB for `extra_32x32.mat`. Packed data is inflated as it is read, and no second copy is held.
 *
 * @throws DatasetError when the file cannot be read or is not what it claims (see `parseSvhn`), and for options out
 * of range.
 */
export async function readSvhn(path: string, options: ReadSvhnOptions = {}): Promise<LabelledImages> {
  const { file, total, name, close } = await openLimited(path, options);
  try {
    const pixels = new Uint8Array(total * SVHN_IMAGE_BYTES);
    for (let done = 0; done < total; ) {
      options.signal?.throwIfAborted();
      const end = Math.min(total, done + BATCH);
      await file.images.next(pixels.subarray(done * SVHN_IMAGE_BYTES, end * SVHN_IMAGE_BYTES));
      done = end;
      options.onProgress?.({ done, total });
    }
    return svhnImages(name, pixels, file.labels.slice(0, total));
  } finally {
    await close();
  }
}

/**
 * Reads a cropped-digits file of SVHN batch by batch, in the order of the file, for sets that do not fit in memory.
 * Each batch has arrays of its own. All labels are held (4 bytes an image), because X comes before y in the files.
 *
 * @throws DatasetError as `readSvhn` does: damage that lies behind a batch shows only when its turn comes.
 */
export async function* streamSvhn(
  path: string,
  options: StreamSvhnOptions = {},
): AsyncGenerator<LabelledImages, void, void> {
  const batch = options.batch ?? BATCH;
  checkCount('batch', batch);
  const { file, total, name, close } = await openLimited(path, options);
  try {
    for (let done = 0; done < total; ) {
      options.signal?.throwIfAborted();
      const end = Math.min(total, done + batch);
      const pixels = new Uint8Array((end - done) * SVHN_IMAGE_BYTES);
      await file.images.next(pixels);
      const labels = file.labels.slice(done, end);
      done = end;
      options.onProgress?.({ done, total });
      yield svhnImages(name, pixels, labels);
    }
  } finally {
    await close();
  }
}

async function openLimited(
  path: string,
  { name = basename(path).replace(/\.mat$/i, ''), limit, signal }: ReadSvhnOptions,
): Promise<{ file: SvhnFile; total: number; name: string; close: () => Promise<void> }> {
  if (limit !== undefined) checkCount('limit', limit);
  signal?.throwIfAborted();
  const source = await openFile(path);
  try {
    const file = await openSvhn(source);
    const close = async () => {
      await file.images.close();
      await source.close();
    };
    return { file, total: Math.min(file.count, limit ?? file.count), name, close };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function checkCount(option: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new DatasetError({
    asked: `SVHN: option \`${option}\``,
    got: String(value),
    allowed: 'integers from 1',
  });
}
