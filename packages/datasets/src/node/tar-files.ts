import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Extract, extract } from 'tar-stream';
import { ByteCursor } from '../byte-source.ts';
import { DatasetError } from '../errors.ts';
import { openFile } from './file-source.ts';
import type { FileTree } from './file-tree.ts';
import { tooLarge } from './read-bytes.ts';

interface Stored {
  /** Of its first byte in the tar file. */
  readonly start: number;
  readonly size: number;
}

const HEADER_BYTES = 512;
// images.tar of Stanford Dogs holds 20,701.
const MOST_FILES = 200_000;

/**
 * Opens a tar file for reading its files in any order: one pass finds where each begins, and nothing is unpacked.
 * Links and devices are passed over; of two files of one name the later counts, as tar has it.
 *
 * @param root a first folder of this name is left out of the paths
 * @throws DatasetError when the file cannot be read, is no tar file, is truncated, has more than 200,000 files or a
 * path that climbs out of its root; the signal's reason once aborted.
 */
export async function openTar(path: string, root: string, signal?: AbortSignal): Promise<FileTree> {
  const source = await openFile(path);
  try {
    const archive = extract();
    const files = new Map<string, Stored>();
    const chunks = Readable.from(source.chunks(0, source.size), { objectMode: false });
    await Promise.all([
      pipeline(chunks, archive as unknown as NodeJS.WritableStream, { signal }),
      index(archive, files, { path, root }),
    ]).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw cause instanceof DatasetError ? cause : damaged(path, cause);
    });
    return {
      place: path,
      has: async (name) => files.has(name),
      async read(name, most) {
        const stored = files.get(name);
        if (stored === undefined) {
          throw new DatasetError({ asked: `${name} in ${path}`, got: `no such file among ${files.size}` });
        }
        const { start, size } = stored;
        if (size > most) throw tooLarge(`${name} in ${path}`, size, most);
        const cursor = new ByteCursor(source.chunks(start, start + size), `${name} in ${path}`);
        return cursor.read(size).finally(() => cursor.close());
      },
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function index(
  archive: Extract,
  files: Map<string, Stored>,
  { path, root }: { readonly path: string; readonly root: string },
): Promise<void> {
  for await (const entry of archive) {
    const { name, type, size } = entry.header;
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    if (name.startsWith('/') || parts.includes('..') || /[\\\0]/.test(name)) {
      throw new DatasetError({
        asked: `${path}: names of files`,
        got: JSON.stringify(name.slice(0, 120)),
        allowed: 'paths below the root of the archive',
        remedy: 'This is not the official file; download it again.',
      });
    }
    if (type === 'file') {
      if (parts[0] === root) parts.shift();
      files.set(parts.join('/'), { start: entry.offset + HEADER_BYTES, size });
    }
    if (files.size > MOST_FILES) {
      throw new DatasetError({
        asked: `${path}: files`,
        got: `more than ${MOST_FILES}`,
        allowed: `at most ${MOST_FILES}`,
      });
    }
    entry.resume();
  }
}

function damaged(path: string, cause: unknown): DatasetError {
  return new DatasetError({
    asked: `tar file ${path}`,
    got: (cause as Error).message,
    allowed: 'a whole tar file that is not packed any further',
    remedy: 'Download it again.',
    cause,
  });
}
