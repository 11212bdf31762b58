import { setTimeout as sleep } from 'node:timers/promises';
import { DatasetError } from '../errors.ts';
import type { OfficialFile } from './official-datasets.ts';
import { checksumIn, checksumOf, PartFile } from './part-file.ts';
import { type Place, transfer } from './transfer.ts';
import { TransferError } from './transfer-error.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which a connection counts as dead; default 60,000. */
  readonly stallTimeout?: number;
  /** Milliseconds before the second try at the same place, doubling with each further one; default 1000. */
  readonly retryDelay?: number;
  /** Called with the bytes so far, those of earlier runs among them. */
  readonly onBytes?: (received: number) => void;
}

/** How a file came to be where it is. */
export type DownloadStatus =
  /** It was there already, with the right checksum. */
  | 'kept'
  | 'downloaded'
  /** Earlier runs had brought a part of it. */
  | 'resumed';

const TRIES = 4;
// A place that gave so much deserves all its tries again.
const GOOD_PROGRESS = 1 << 20;

/**
 * Brings one file to `target` from the first of the URLs that gives the right bytes. They stream to `target.part`,
 * which is resumed by the next try, mirror or run. Only a file of the right size and checksum gets the real name.
 *
 * @throws DatasetError when `target` is there with other bytes (it is left alone), when no URL gives the file, and
 * when the disk is full. The signal's reason when it is aborted: the part stays.
 */
export async function download(
  file: OfficialFile,
  urls: readonly string[],
  target: string,
  options: DownloadOptions = {},
): Promise<DownloadStatus> {
  const { signal, onBytes = () => undefined } = options;
  const { algorithm, label, hex } = checksumIn(file);
  const there = await checksumOf(target, algorithm, signal);
  if (there === hex) {
    onBytes(file.bytes);
    return 'kept';
  }
  if (there !== undefined) {
    throw new DatasetError({
      asked: `download to ${target}`,
      got: `another file of that name (${label} ${there})`,
      allowed: `no file, or the official one (${label} ${hex})`,
      remedy: 'Move it away or delete it, and run this again.',
    });
  }
  const part = await PartFile.open(target, file.bytes, algorithm, signal);
  try {
    const status = part.size > 0 ? 'resumed' : 'downloaded';
    const reasons: string[] = [];
    for (const url of urls) {
      const reason = await fromPlace({ url }, part, file, options);
      if (reason === undefined) {
        await part.keep();
        return status;
      }
      reasons.push(`${url}: ${reason}`);
    }
    throw new DatasetError({
      asked: `download ${file.name}`,
      got: reasons.join('; '),
      remedy:
        'Try again later: what came is kept and resumed. Where a firewall or proxy forbids it, or offline, fetch ' +
        `${urls.join(' or ')} (${file.bytes} bytes, ${label} ${hex}) on another machine, put it at ${target}, ` +
        'and run this again.',
    });
  } finally {
    await part.leave();
  }
}

/** Tries one place until it gives the file or is given up. Returns why it was, or undefined once the part is right. */
async function fromPlace(
  place: Place,
  part: PartFile,
  file: OfficialFile,
  { signal, stallTimeout = 60_000, retryDelay = 1000, onBytes = () => undefined }: DownloadOptions,
): Promise<string | undefined> {
  let reason = '';
  let delay = retryDelay;
  // Measured from the furthest point, not from the last: a server that sends the same bytes for ever comes to an end.
  let furthest = part.size;
  for (let triesLeft = TRIES; triesLeft > 0; triesLeft--) {
    // Bytes of an earlier run, mirror or try may be the wrong ones: only a transfer of the whole speaks for a place.
    const whole = part.size === 0;
    try {
      if (part.size < file.bytes) await transfer(place, part, file.bytes, { signal, stallTimeout, onBytes });
      const digest = part.digest();
      const { label, hex } = checksumIn(file);
      if (digest === hex) return undefined;
      reason = `its bytes have ${label} ${digest}, and the official file ${hex}`;
      await part.restart();
      if (whole) return reason;
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      reason = error.message;
      if (error.recovery === 'next mirror') return reason;
      if (error.recovery === 'restart') await part.restart();
      if (part.size - furthest >= GOOD_PROGRESS) {
        furthest = part.size;
        triesLeft = TRIES;
        delay = retryDelay;
      }
      if (triesLeft > 1) await sleep(delay, undefined, { signal }).catch(() => signal?.throwIfAborted());
      delay *= 2;
    }
  }
  return reason;
}
