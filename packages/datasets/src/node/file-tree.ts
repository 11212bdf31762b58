import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readAtMost } from './read-bytes.ts';
import { openTar } from './tar-files.ts';

/** Files by their path, in a folder or within a tar file. */
export interface FileTree {
  /** The folder or the tar file, for messages. */
  readonly place: string;
  has(path: string): Promise<boolean>;
  /**
   * The bytes of one file.
   *
   * @param path below the tree's root, with `/`
   * @param most bytes that it may have
   * @throws DatasetError when it is missing, too large or cannot be read.
   */
  read(path: string, most: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a part of a data set that is given out as a tar file: the unpacked folder `dir/part` where there is one,
 * otherwise the file `dir/part.tar`, in either case of letters. In the tar file a first folder of that name counts as
 * the root.
 *
 * @returns undefined when neither is there.
 * @throws DatasetError for a tar file that is damaged or hostile; the signal's reason once aborted.
 */
export async function openPart(
  dir: string,
  part: string,
  signal?: AbortSignal,
): Promise<FileTree | undefined> {
  const folder = join(dir, part);
  if ((await kindOf(folder)) === 'folder') return folderTree(folder);
  for (const name of [`${part}.tar`, `${part.toLowerCase()}.tar`]) {
    if ((await kindOf(join(dir, name))) === 'file') return openTar(join(dir, name), part, signal);
  }
  return undefined;
}

function folderTree(folder: string): FileTree {
  return {
    place: folder,
    has: async (path) => (await kindOf(join(folder, path))) === 'file',
    read: (path, most) => readAtMost(join(folder, path), most),
    close: () => Promise.resolve(),
  };
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  return stat(path).then(
    (stats) => (stats.isDirectory() ? 'folder' : 'file'),
    () => undefined,
  );
}
