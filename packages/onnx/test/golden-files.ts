import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(new URL('../../deconvnet/golden/', import.meta.url));
/** The whole set lies beside the repository, where it is there at all. */
export const beside = fileURLToPath(new URL('../../../../shared/golden/', import.meta.url));

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .map((file) => `${folder}${file}`)
    : [];

export const shipped = filesIn(own);
const names = new Set(shipped.map((file) => basename(file)));
export const others = filesIn(beside).filter((file) => !names.has(basename(file)));
