import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failureInWords } from '@clearmaps/files';
import { DatasetError } from '../errors.ts';
import { evenlyOverClasses } from '../evenly-over-classes.ts';
import { type LabelledImages, labelledImages } from '../labelled-images.ts';

export interface ImageFolderOptions {
  /** Pixels of every image in the set. */
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /**
   * Decodes one picture file to [height, width, channels] bytes. This package brings no decoder: the caller has
   * one, in a page another than in Node.
   */
  readonly decode: (path: string) => Promise<Uint8Array>;
  readonly name?: string;
  /** Pictures that are read at most, see `evenlyOverClasses`; default all. */
  readonly most?: number;
  /** Called after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Endings of picture files; others are passed over. */
const PICTURE = /\.(png|jpe?g|webp|gif|tiff?|avif|bmp)$/i;

/**
 * A folder of class folders, as many tools lay pictures out: `cats/1.jpg`, `dogs/7.png`. Classes are the folder
 * names in alphabetical order, pictures in alphabetical order within.
 *
 * @throws DatasetError when the folder is missing, has fewer than two class folders, a class has no picture, or a
 * picture decodes to another size; whatever `decode` throws; the signal's reason once aborted.
 */
export async function readImageFolder(dir: string, options: ImageFolderOptions): Promise<LabelledImages> {
  const { height, width, channels, decode, name = 'images', onProgress, signal } = options;
  const { most = Number.POSITIVE_INFINITY } = options;
  const classNames = await namesIn(dir, async (entry) => (await stat(join(dir, entry))).isDirectory());
  if (classNames.length < 2) {
    throw new DatasetError({
      asked: `class folders in ${dir}`,
      got: classNames.length === 0 ? 'none' : `only "${classNames[0]}"`,
      allowed: 'one folder of pictures a class, at least two',
    });
  }
  const there: { path: string; label: number }[] = [];
  for (const [label, className] of classNames.entries()) {
    const folder = join(dir, className);
    const pictures = await namesIn(folder, async (entry) => PICTURE.test(entry));
    if (pictures.length === 0) {
      throw new DatasetError({
        asked: `pictures in ${folder}`,
        got: 'none',
        allowed: 'PNG, JPEG, WebP, GIF, TIFF, AVIF',
      });
    }
    there.push(...pictures.map((picture) => ({ path: join(folder, picture), label })));
  }
  const chosen = evenlyOverClasses(
    there.map(({ label }) => label),
    most,
  );
  const files = chosen.map((index) => there[index]!);
  const size = height * width * channels;
  const images = new Uint8Array(files.length * size);
  for (const [i, { path }] of files.entries()) {
    signal?.throwIfAborted();
    const bytes = await decode(path);
    if (bytes.length !== size) {
      throw new DatasetError({
        asked: path,
        got: `${bytes.length} bytes`,
        allowed: `${height}x${width}x${channels}`,
      });
    }
    images.set(bytes, i * size);
    onProgress?.(i + 1, files.length);
  }
  const labels = Int32Array.from(files, ({ label }) => label);
  return labelledImages({ name, images, labels, height, width, channels, classNames });
}

async function namesIn(dir: string, keep: (entry: string) => Promise<boolean>): Promise<string[]> {
  const entries = await readdir(dir).catch((cause: unknown) => {
    throw new DatasetError({
      asked: `pictures in ${dir}`,
      got: failureInWords(cause),
      remedy: 'Check the path and its permissions.',
      cause,
    });
  });
  const kept = await Promise.all(entries.map(async (entry) => !entry.startsWith('.') && keep(entry)));
  return entries.filter((_, i) => kept[i]).sort();
}
