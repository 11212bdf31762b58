import { SiteError } from '../errors.ts';

/** Who drops more has taken hold of the wrong folder. */
const MOST_FILES = 200;

/**
 * The files of a drop, those in folders, too. To be called while the drop is told of: afterwards nothing of it is left.
 *
 * @throws SiteError where folders hold more than 200 files, or one cannot be read.
 */
export function droppedFiles({ items, files }: DataTransfer): Promise<File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return Promise.resolve([...files]);
  return filesBelow(entries.filter((entry) => entry !== null && entry !== undefined));
}

async function filesBelow(entries: readonly FileSystemEntry[]): Promise<File[]> {
  const found: File[] = [];
  const waiting = [...entries];
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    if (entry.isDirectory) waiting.push(...(await entriesOf(entry as FileSystemDirectoryEntry)));
    // Marks that systems leave in folders.
    else if (!entry.name.startsWith('.')) found.push(await fileOf(entry as FileSystemFileEntry));
    if (found.length > MOST_FILES) {
      throw new SiteError({
        asked: `the files of ${entries.map(({ name }) => name).join(', ')}`,
        got: `more than ${MOST_FILES}`,
        remedy: 'Drop the folder of one model, or a picture.',
      });
    }
  }
  return found;
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  // A reader gives a hundred at a time, and at the end none.
  for (;;) {
    const some = await readable<FileSystemEntry[]>(folder, (resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
    if (all.length > MOST_FILES) return all;
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return readable(entry, (resolve, reject) => entry.file(resolve, reject));
}

function readable<T>(
  { name }: FileSystemEntry,
  read: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>(read).catch((cause: unknown) => {
    throw new SiteError({
      asked: name,
      got: 'something that this browser may not read',
      remedy: 'Drop the files that are in it.',
      cause,
    });
  });
}
