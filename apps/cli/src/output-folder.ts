import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failureInWords, makeFolder, writeWhole } from '@clearmaps/files';
import { OutputError } from './errors.ts';

/** A folder that files are written to whole or not at all: to a temporary name first, then renamed. */
export class OutputFolder {
  private constructor(readonly path: string) {}

  /** Makes the folder where it is missing. @throws OutputError before any work is done for nothing. */
  static async open(folder: string): Promise<OutputFolder> {
    const path = resolve(folder);
    try {
      await makeFolder(path);
      await access(path, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
    return new OutputFolder(path);
  }

  /**
   * @param content see {@link writeWhole}
   * @returns the full path
   */
  async write(name: string, content: Parameters<typeof writeWhole>[1]): Promise<string> {
    const path = join(this.path, name);
    try {
      await writeWhole(path, content);
    } catch (cause) {
      // Whatever else goes wrong while the content is made is not about the folder.
      throw (cause as NodeJS.ErrnoException).syscall ? cannotWrite(path, cause) : cause;
    }
    return path;
  }
}

function cannotWrite(path: string, cause: unknown): OutputError {
  return new OutputError({
    asked: `to write ${path}`,
    got: failureInWords(cause),
    allowed: 'a folder that this user may write to',
    remedy: 'Choose another one with --out.',
    cause,
  });
}
