import { type FileHandle, open, writeFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';

/**
 * Writes a file whole or not at all: under a temporary name first, then renamed. The temporary file is gone after an
 * error, and after a signal that ends the process.
 *
 * @param content what is to stand in the file, or a function that writes it into the open file, part by part
 * @throws the error of the system call that failed, with its `code`: ENOSPC where the disk is full; what `content`
 *   throws.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string | ((file: FileHandle) => Promise<void>),
): Promise<void> {
  // write-file-atomic itself calls write(2) once and takes whatever it wrote for all: on a disk that fills up, a file
  // cut short gets the final name, without an error. Node's writeFile goes on until all is written, or fails.
  await writeFileAtomic(path, '', {
    tmpfileCreated: (temporary) =>
      typeof content === 'function' ? fill(temporary, content) : writeFile(temporary, content),
  });
}

async function fill(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await write(file);
  } finally {
    await file.close();
  }
}
