import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder where it is missing, and the folders above it. Level by level: Node's own recursive mkdir never
 * returns on file systems that answer ENOENT, as /proc does.
 *
 * @throws the error of the system call that failed, with its `code`.
 */
export async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  const parent = dirname(path);
  const failure = await makeOne(path);
  if (failure === undefined) return;
  if (failure.code !== 'ENOENT' || parent === path) throw failure;
  await makeFolder(parent);
  // Once more and no further: by now the parent is there, whoever made it.
  const failureBelowParent = await makeOne(path);
  if (failureBelowParent !== undefined) throw failureBelowParent;
}

async function makeOne(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path);
    return undefined;
  } catch (error) {
    return (await isFolder(path)) ? undefined : (error as NodeJS.ErrnoException);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
