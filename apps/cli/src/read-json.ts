import { readFile } from 'node:fs/promises';
import { failureInWords } from '@clearmaps/files';
import { UsageError } from './errors.ts';

/**
 * @param asked what the file is to hold, and its path, for messages
 * @throws UsageError where the file cannot be read or is no JSON
 */
export async function readJson(path: string, asked: string, allowed: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const got = cause instanceof SyntaxError ? 'something that is no JSON' : failureInWords(cause);
    throw new UsageError({ asked, got, allowed, cause });
  }
}
