import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failureInWords } from '@clearmaps/files';
import { type GoldenCase, parseGoldenCase } from '@clearmaps/models';
import { UsageError } from './errors.ts';

/** The folder of the golden cases that come along. */
export function bundledCases(): string {
  return dirname(fileURLToPath(import.meta.resolve('@clearmaps/deconvnet/golden/ties-flat-background.json')));
}

/** All of a folder, by name. @throws UsageError where there are none, or one cannot be read. */
export async function readGoldenCases(folder: string): Promise<GoldenCase[]> {
  const refuse = (got: string, cause?: unknown): never => {
    throw new UsageError({
      asked: `golden cases in ${folder}`,
      got,
      allowed: 'a folder of .json files',
      cause,
    });
  };
  const names = await readdir(folder).catch((cause) => refuse(failureInWords(cause), cause));
  const files = names.filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) refuse('none');
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      try {
        return parseGoldenCase(JSON.parse(text));
      } catch (cause) {
        return refuse(`${file}: ${(cause as Error).message}`, cause);
      }
    }),
  );
}
