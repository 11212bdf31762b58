import { readFile, stat } from 'node:fs/promises';
import { failureInWords } from '@clearmaps/files';
import { DatasetError } from '../errors.ts';

/** @throws DatasetError that says why the file could not be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** A failed system call in words. */
export function fileError(path: string, cause: unknown): DatasetError {
  return new DatasetError({
    asked: `read ${path}`,
    got: failureInWords(cause),
    remedy: 'Check the path and its permissions.',
    cause,
  });
}

/** @throws DatasetError that says why the file could not be read, or that it has more than `most` bytes. */
export async function readAtMost(path: string, most: number): Promise<Uint8Array> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (size > most) throw tooLarge(path, size, most);
  return readBytes(path);
}

export function tooLarge(what: string, bytes: number, most: number): DatasetError {
  return new DatasetError({ asked: what, got: `${bytes} bytes`, allowed: `at most ${most} bytes` });
}
