import { open, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { failureInWords } from '@clearmaps/files';
import { ModelFileError } from './errors.ts';
import { asObject, describe, type JsonObject } from './json-checks.ts';

/** A file in a buffer of its own. @throws ModelFileError */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError(`read ${path}`, cause);
  });
  return Uint8Array.from(bytes);
}

/** The first bytes of a file, fewer where it has fewer. @throws ModelFileError */
export async function readStart(path: string, length: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileError(`read ${path}`, cause);
  }
}

/** @param what is wanted: 'the JSON of a ...'. @throws ModelFileError */
export async function readJson(path: string, what: string): Promise<JsonObject> {
  return asObject(await parseJson(path, what), path);
}

async function parseJson(path: string, what: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fileError(`read ${path}`, cause);
  });
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const isHtml = /^\s*</.test(text);
    throw new ModelFileError({
      asked: `read ${path}`,
      got: isHtml ? 'an HTML page' : `${text.length === 0 ? 'an empty file' : 'no JSON'}`,
      allowed: what,
      remedy: isHtml
        ? 'A server has answered with a page (an error or a login) in place of the file; download it again.'
        : 'Give the path of model.json or of its folder.',
      cause,
    });
  }
}

/**
 * The full path of a file that a model's file names.
 *
 * @throws ModelFileError where it leads out of the folder of the model's file.
 */
export function pathInside(file: string, path: string): string {
  const dir = dirname(resolve(file));
  const full = resolve(dir, path);
  const inside = relative(dir, full);
  const leaves = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  if (!leaves && !isAbsolute(path)) return full;
  throw new ModelFileError({
    asked: `${file}: path of a weight file`,
    got: describe(path),
    allowed: 'relative paths that stay in the folder of the model',
    remedy: 'Put the weights beside the model; do not open models from sources you do not trust.',
  });
}

/** In bytes. @throws ModelFileError where there is no such file, or something else in its place. */
export async function sizeOf(path: string, listedIn: string): Promise<number> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw fileError(`weights ${path}, listed in ${listedIn}`, cause);
  });
  if (stats.isFile()) return stats.size;
  throw new ModelFileError({
    asked: `weights ${path}, listed in ${listedIn}`,
    got: 'something that is no file',
  });
}

/** A failed system call in words. */
export function fileError(asked: string, cause: unknown): ModelFileError {
  return new ModelFileError({
    asked,
    got: failureInWords(cause),
    remedy: 'Check the path and its permissions; a model and its weight files belong into one folder.',
    cause,
  });
}
