import { DatasetError } from './errors.ts';

/** The error code of a deflate stream that stops before its end mark. */
const CUT_SHORT = /unexpected end|Z_BUF_ERROR|truncat|prematurely|incomplete/i;

/**
 * Inflates a zlib stream (RFC 1950) a chunk at a time with the platform's DecompressionStream. No more is inflated
 * than the consumer asks for: a deflate bomb costs what was read of it.
 *
 * A stream that stops without its end mark just ends, and the consumer says whether enough came.
 *
 * @throws DatasetError when the stream is corrupt, its Adler-32 checksum included.
 */
export async function* inflateChunks(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = streamOf(chunks).pipeThrough(new DecompressionStream('deflate')).getReader();
  try {
    for (;;) {
      const next = await reader.read().catch((cause: unknown) => {
        if (cause instanceof DatasetError) throw cause;
        if (CUT_SHORT.test(reasonOf(cause))) return { done: true, value: undefined } as const;
        throw inflateError(name, cause);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // The stream may have failed already; its error has been reported then.
    await reader.cancel().catch(() => undefined);
  }
}

/** What the platform says of a zlib stream that it cannot unpack. */
export function inflateError(name: string, cause: unknown): DatasetError {
  return new DatasetError({
    asked: `${name}: zlib data`,
    got: `corrupt data (${reasonOf(cause) || 'the decompressor gave no reason'})`,
    remedy: 'Download the file again.',
    cause,
  });
}

function reasonOf(cause: unknown): string {
  const { message = '', code = '' } = cause as { message?: string; code?: string };
  return `${message} ${code}`.trim();
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) return controller.close();
      // A copy, because a stream may detach the buffer of what it is given.
      controller.enqueue(Uint8Array.from(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
