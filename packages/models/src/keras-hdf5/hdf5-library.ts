import type { File } from 'h5wasm';

/** What of Emscripten's in-memory files h5wasm's types leave out. */
interface MemoryFiles {
  readonly streams: readonly (OpenStream | null | undefined)[];
  writeFile(path: string, bytes: Uint8Array, options: { canOwn: boolean }): void;
  unlink(path: string): void;
  close(stream: OpenStream): void;
  getStream(descriptor: number): OpenStream | null;
}

interface OpenStream {
  readonly path?: string;
  stream_ops: { write: Write };
}

type Write = (stream: unknown, buffer: unknown, offset: number, length: number) => number;

/** Descriptors of the console come first. */
const FIRST_FILE = 3;
let loaded: Promise<Hdf5Library> | undefined;
let opened = 0;

/**
 * The HDF Group's own library in WebAssembly: one in a process, as h5wasm makes no second. A broken file can damage its
 * memory, after which no file reads any more; so every file finds it as it was before the first.
 */
export class Hdf5Library {
  /** Its memory when no file had been opened, but for the zeros at the end. */
  private readonly pristine: Uint8Array | undefined;

  /** Loads the library (4 MB) once. */
  static load(): Promise<Hdf5Library> {
    loaded ??= import('h5wasm').then(async ({ ready, File }) => new Hdf5Library(await ready, File));
    return loaded;
  }

  private constructor(
    private readonly module: { readonly FS: unknown; readonly HEAPU8?: Uint8Array },
    private readonly HdfFile: typeof File,
  ) {
    silenceErrors(this.files);
    if (this.module.HEAPU8 && !this.isInUse()) this.pristine = withoutTail(this.module.HEAPU8);
  }

  /** Opens the bytes as a file for as long as `use` runs. */
  withFile<T>(bytes: Uint8Array, use: (file: File) => T): T {
    this.restoreMemory();
    const path = `/model-${++opened}.h5`;
    // The in-memory file is the very array, no copy.
    this.files.writeFile(path, bytes, { canOwn: true });
    let file: File | undefined;
    try {
      file = new this.HdfFile(path, 'r');
      return use(file);
    } finally {
      if (file) closeQuietly(file);
      for (const stream of this.files.streams) if (stream?.path === path) this.files.close(stream);
      this.files.unlink(path);
    }
  }

  /** Not while someone else in the process has a file open in it. */
  private restoreMemory(): void {
    const { HEAPU8 } = this.module;
    if (!HEAPU8 || !this.pristine || this.isInUse()) return;
    HEAPU8.set(this.pristine);
    HEAPU8.fill(0, this.pristine.length);
  }

  private isInUse(): boolean {
    return this.files.streams.slice(FIRST_FILE).some((stream) => stream);
  }

  private get files(): MemoryFiles {
    return this.module.FS as MemoryFiles;
  }
}

function withoutTail(memory: Uint8Array): Uint8Array {
  let end = memory.length;
  while (end > 0 && memory[end - 1] === 0) end--;
  return memory.slice(0, end);
}

/**
 * Lets the library say nothing on the console of what is wrong with a file. Its own handler that throws leaves its C
 * code half done, after which it hangs some thousand broken files later.
 */
function silenceErrors(files: MemoryFiles): void {
  const stderr = files.getStream(2);
  if (stderr)
    stderr.stream_ops = { ...stderr.stream_ops, write: (_stream, _buffer, _offset, length) => length };
}

function closeQuietly(file: File): void {
  try {
    file.close();
  } catch {
    // A broken file may not close; it is dropped from memory all the same.
  }
}
