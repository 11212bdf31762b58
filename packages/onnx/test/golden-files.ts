import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedFolder } from '../../models/test/shared-files.ts';

const own = fileURLToPath(new URL('../../deconvnet/golden/', import.meta.url));
/** The whole set lies beside the repository, where it is there at all. */
export const beside = `${sharedFolder('golden').path}/`;

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .map((file) => `${folder}${file}`)
    : [];

export const shipped = filesIn(own);
const names = new Set(shipped.map((file) => basename(file)));
export const others = filesIn(beside).filter((file) => !names.has(basename(file)));
