import { DatasetError } from './errors.ts';
import { inflateChunks } from './inflate.ts';

const CHUNK = 1 << 16;

/** Bytes that can be read from any place, a chunk at a time: a buffer, or a file too large for one. */
export interface ByteSource {
  /** Names the bytes in messages. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes start..end-1 in order. Leaving the loop early reads no further. */
  chunks(start: number, end: number): AsyncIterable<Uint8Array>;
  /**
   * Unpacks a zlib stream (RFC 1950), no further than the consumer asks. A stream that stops without its end mark
   * just ends; a corrupt one throws a DatasetError.
   */
  inflate(packed: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array>;
}

/** A source over bytes in memory; its chunks are views. */
export function sourceOfBytes(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    async *chunks(start, end) {
      for (let offset = start; offset < end; offset += CHUNK) {
        yield bytes.subarray(offset, Math.min(end, offset + CHUNK));
      }
    },
    inflate: inflateChunks,
  };
}

/** Takes a stream of chunks apart in pieces of the reader's own choice. */
export class ByteCursor {
  /** Bytes taken so far. */
  position = 0;
  private chunk: Uint8Array = new Uint8Array(0);
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly name: string;

  constructor(chunks: AsyncIterable<Uint8Array>, name: string) {
    this.chunks = chunks[Symbol.asyncIterator]();
    this.name = name;
  }

  /** How many bytes `take` has at hand without waiting. */
  get ready(): number {
    return this.chunk.length;
  }

  /** The next bytes as a view, of which at least `length` must be `ready`. */
  take(length: number): Uint8Array {
    const bytes = this.chunk.subarray(0, length);
    this.chunk = this.chunk.subarray(length);
    this.position += length;
    return bytes;
  }

  /**
   * The next `length` bytes, joined where they came in several chunks.
   *
   * @throws DatasetError when the stream ends before.
   */
  async read(length: number): Promise<Uint8Array> {
    if (this.ready < length) {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        if (this.ready === 0 && !(await this.more())) throw this.tooShort(filled, length);
        const part = this.take(Math.min(this.ready, length - filled));
        bytes.set(part, filled);
        filled += part.length;
      }
      return bytes;
    }
    return this.take(length);
  }

  /** Whether nothing is left. */
  async atEnd(): Promise<boolean> {
    return this.ready === 0 && !(await this.more());
  }

  /** Gives up the rest of the stream. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private async more(): Promise<boolean> {
    do {
      const { done, value } = await this.chunks.next();
      if (done) return false;
      this.chunk = value;
    } while (this.chunk.length === 0);
    return true;
  }

  private tooShort(came: number, wanted: number): DatasetError {
    return new DatasetError({
      asked: `${this.name}: ${wanted} bytes at its byte ${this.position - came}`,
      got: `an end after ${came} bytes`,
      remedy: 'The file is truncated or corrupt; download it again.',
    });
  }
}
