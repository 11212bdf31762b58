import { stat } from 'node:fs/promises';
import { failureInWords } from './failure-in-words.ts';

/** What is at a path where a file with something in it was expected, for the `got` of an error; undefined where one is. */
export async function noFileInWords(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return 'a folder';
    return stats.isFile() && stats.size === 0 ? 'an empty file (0 bytes)' : undefined;
  } catch (cause) {
    return failureInWords(cause);
  }
}
