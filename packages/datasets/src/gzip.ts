import { DatasetError } from './errors.ts';

const INPUT_CHUNK = 1 << 16;

/** Whether the bytes begin as a gzip file does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip bytes a chunk at a time with the platform's DecompressionStream (browsers and Node).
 * Only what the consumer asks for is unpacked: leaving the loop early cancels the rest, so a deflate bomb
 * costs no more than what was read of it.
 *
 * @throws DatasetError when the stream is cut short or corrupt.
 */
export async function* gunzipChunks(
  bytes: Uint8Array,
  source: string,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = streamOf(bytes).pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw gzipError(source, bytes.length, cause);
      });
      if (done) return;
      yield value;
    }
  } finally {
    // The stream may have failed already; its error has been reported then.
    await reader.cancel().catch(() => undefined);
  }
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      // A copy, because a stream may detach the buffer of what it is given.
      controller.enqueue(bytes.slice(offset, offset + INPUT_CHUNK));
      offset += INPUT_CHUNK;
    },
  });
}

function gzipError(source: string, length: number, cause: unknown): DatasetError {
  const text = cause instanceof Error ? `${cause.message} ${(cause as { code?: string }).code ?? ''}` : '';
  const truncated = /unexpected end|Z_BUF_ERROR|truncat/i.test(text);
  return new DatasetError({
    asked: `${source}: gzip data`,
    got: truncated
      ? `a truncated file: ${length} bytes came, and the gzip stream goes on after them`
      : `corrupt gzip data (${text.trim() || 'the decompressor gave no reason'})`,
    remedy: 'Download the file again.',
    cause,
  });
}
