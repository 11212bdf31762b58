import { readFile } from 'node:fs/promises';
import type { ErrorDetails } from '@clearmaps/errors';
import { failureInWords } from '@clearmaps/files';
import { UsageError } from './errors.ts';

/**
 * @param wanted what the file is to hold, and its path, for messages
 * @throws UsageError where the file cannot be read or is no JSON
 */
export async function readJson(path: string, wanted: Omit<ErrorDetails, 'got' | 'cause'>): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const got = cause instanceof SyntaxError ? 'something that is no JSON' : failureInWords(cause);
    throw new UsageError({ ...wanted, got, cause });
  }
}
