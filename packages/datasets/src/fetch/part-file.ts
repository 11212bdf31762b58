import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { failureInWords } from '@clearmaps/files';
import { DatasetError } from '../errors.ts';
import type { OfficialFile } from './official-datasets.ts';

export type HashName = 'sha256' | 'md5';

/** What the publisher says of the bytes, and what people call it. */
export function checksumIn(file: OfficialFile): { algorithm: HashName; label: string; hex: string } {
  return file.sha256 === undefined
    ? { algorithm: 'md5', label: 'MD5', hex: file.md5 }
    : { algorithm: 'sha256', label: 'SHA-256', hex: file.sha256 };
}

/** A download in the making, `<name>.part`: appended to, hashed on the way, renamed once it is right. */
export class PartFile {
  /** Bytes so far. */
  size = 0;
  private hash: Hash;
  private handle: FileHandle | undefined;
  readonly path: string;
  private readonly target: string;

  private constructor(
    target: string,
    private readonly algorithm: HashName,
  ) {
    this.target = target;
    this.hash = createHash(algorithm);
    this.path = `${target}.part`;
  }

  /**
   * Opens what an earlier run left, or begins; one that is longer than the whole is thrown away.
   *
   * @throws DatasetError when the folder or file cannot be written.
   */
  static async open(
    target: string,
    whole: number,
    algorithm: HashName,
    signal?: AbortSignal,
  ): Promise<PartFile> {
    const part = new PartFile(target, algorithm);
    await inWords(part.path, async () => {
      part.handle = await open(part.path, 'a');
      const { size } = await part.handle.stat();
      if (size > whole) return part.restart();
      if (size === 0) return;
      part.hash = await hashOf(part.path, algorithm, signal);
      part.size = size;
    }).catch(async (error: unknown) => {
      await part.close();
      throw error;
    });
    return part;
  }

  /** @throws DatasetError when the disk is full or fails; what was written before stays. */
  async append(chunk: Uint8Array): Promise<void> {
    await inWords(this.path, () => this.handle!.appendFile(chunk));
    this.hash.update(chunk);
    this.size += chunk.length;
  }

  /** Forgets all bytes. */
  async restart(): Promise<void> {
    await inWords(this.path, () => this.handle!.truncate(0));
    this.hash = createHash(this.algorithm);
    this.size = 0;
  }

  /** Of the bytes so far, hex. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }

  /** Gives the file its real name. */
  async keep(): Promise<void> {
    await inWords(this.target, async () => {
      await this.handle!.sync();
      await this.close();
      await rename(this.path, this.target);
    });
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  /** Closes the file, and deletes it when nothing has come. */
  async leave(): Promise<void> {
    await this.close();
    if (this.size === 0) await rm(this.path, { force: true });
  }
}

/** Of a file, hex, or undefined when there is none. */
export async function checksumOf(
  path: string,
  algorithm: HashName,
  signal?: AbortSignal,
): Promise<string | undefined> {
  return inWords(path, async () => {
    const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return there && (await hashOf(path, algorithm, signal)).digest('hex');
  });
}

async function hashOf(path: string, algorithm: HashName, signal?: AbortSignal): Promise<Hash> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return hash;
}

/** Runs a file operation and says in a DatasetError what the system said no to. */
export async function inWords<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (!syscall) throw cause;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new DatasetError({
      asked: `write ${path}`,
      got: failureInWords(cause),
      remedy: full
        ? 'Free some space or choose another folder, and run this again: it goes on where it stopped.'
        : 'Choose a folder that can be written.',
      cause,
    });
  }
}
