import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { constants, createInflate } from 'node:zlib';
import type { ByteSource } from '../byte-source.ts';
import { DatasetError } from '../errors.ts';
import { inflateError } from '../inflate.ts';
import { fileError } from './read-bytes.ts';

const CHUNK = 1 << 18;

/** A file as a source of bytes; it stays open until `close`. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/** @throws DatasetError when the path leads to no file that can be read. */
export async function openFile(path: string): Promise<FileSource> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const stats = await handle.stat();
    if (stats.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    const file = handle;
    return {
      name: path,
      size: stats.size,
      chunks: (start, end) => fileChunks(file, path, start, end),
      inflate: inflateWithZlib,
      close: () => file.close(),
    };
  } catch (cause) {
    await handle?.close();
    throw fileError(path, cause);
  }
}

async function* fileChunks(
  handle: FileHandle,
  path: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, void> {
  for (let offset = start; offset < end; ) {
    const buffer = new Uint8Array(Math.min(CHUNK, end - offset));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset).catch((cause: unknown) => {
      throw fileError(path, cause);
    });
    if (bytesRead === 0) {
      throw new DatasetError({
        asked: `${path}: byte ${offset}`,
        got: 'the end of a file that was longer when it was opened',
        remedy: 'Read it again once nothing writes to it.',
      });
    }
    offset += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Inflates with Node's zlib, which takes a stream that lacks its end mark: some that MATLAB wrote do (scipy.io
 * works around the same, CPython issue 8672). The platform's DecompressionStream cannot be told to.
 */
export async function* inflateWithZlib(
  packed: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, void> {
  const inflate = createInflate({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK });
  // The loop below meets every error; the callback keeps the pipeline from throwing it a second time.
  pipeline(Readable.from(packed, { objectMode: false }), inflate, () => undefined);
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw cause instanceof DatasetError ? cause : inflateError(name, cause);
  }
}
