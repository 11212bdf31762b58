import type { PartFile } from './part-file.ts';
import { networkReason, TransferError } from './transfer-error.ts';

export interface TransferOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stallTimeout: number;
  /** Called after each chunk with the bytes so far, those of earlier runs among them. */
  readonly onBytes: (received: number) => void;
}

/** Where a file is fetched from. */
export interface Place {
  readonly url: string;
  /** The strong ETag of its last answer: makes sure that a resumed file is still the same one. */
  etag?: string;
}

/**
 * One request: gets what a part file still lacks. A server that ignores Range sends all, and the part begins anew.
 *
 * @param bytes size of the whole file.
 * @throws TransferError, DatasetError when the disk fails, and the signal's reason.
 */
export async function transfer(
  place: Place,
  part: PartFile,
  bytes: number,
  { signal, stallTimeout, onBytes }: TransferOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), stallTimeout);
  const failed = (error: unknown): TransferError => {
    const reason = stall.signal.aborted ? `nothing came for ${stallTimeout / 1000} s` : networkReason(error);
    return new TransferError(
      part.size > 0 ? `${reason}, after ${part.size} of ${bytes} bytes` : reason,
      'resume',
      error,
    );
  };
  try {
    const response = await fetch(place.url, {
      // Packed once more on the way, the bytes could neither be counted nor resumed.
      headers: { 'accept-encoding': 'identity', ...rangeHeaders(part.size, place.etag) },
      signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw failed(error);
    });
    try {
      checkAnswer(response, part.size, bytes);
      if (response.status === 200 && part.size > 0) await part.restart();
      const etag = response.headers.get('etag');
      place.etag = etag?.startsWith('"') ? etag : undefined;
      const reader = response.body!.getReader();
      for (;;) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          signal?.throwIfAborted();
          throw failed(error);
        });
        if (done) break;
        timer.refresh();
        if (part.size + value.length > bytes) {
          await reader.cancel();
          throw new TransferError(`it goes on after the ${bytes} bytes of the official file`, 'next mirror');
        }
        await part.append(value);
        onBytes(part.size);
      }
    } catch (error) {
      // Frees the connection; the reason is on its way already.
      if (response.body && !response.body.locked) await response.body.cancel().catch(() => undefined);
      throw error;
    }
    if (part.size < bytes) throw new TransferError(`it ended after ${part.size} of ${bytes} bytes`, 'resume');
  } finally {
    clearTimeout(timer);
    // Ends a connection that is left in the middle of its body.
    stall.abort();
  }
}

function rangeHeaders(offset: number, etag: string | undefined): Record<string, string> {
  if (offset === 0) return {};
  return { range: `bytes=${offset}-`, ...(etag && { 'if-range': etag }) };
}

/** Finds out from status and headers whether the bytes that follow are those wanted. */
function checkAnswer({ status, statusText, headers }: Response, offset: number, bytes: number): void {
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    const total = range?.[2] === '*' ? bytes : Number(range?.[2]);
    if (offset > 0 && Number(range?.[1]) === offset && total === bytes) return;
    throw new TransferError(`it sent range "${headers.get('content-range')}"`, 'restart');
  }
  if (status === 416) throw new TransferError(`it has no bytes from ${offset} on`, 'restart');
  if (status === 200) {
    const length = headers.get('content-length');
    if (length === null || headers.has('content-encoding') || Number(length) === bytes) return;
    const page = /html/i.test(headers.get('content-type') ?? '');
    throw new TransferError(
      `it sends ${page ? 'a web page of ' : ''}${length} bytes, and the official file has ${bytes}` +
        (page ? '; a firewall or a sign-in page may stand in between' : ''),
      'next mirror',
    );
  }
  const later = status === 429 || status === 408 || status >= 500;
  throw new TransferError(`status ${status} ${statusText}`.trim(), later ? 'resume' : 'next mirror');
}
