import { DatasetError } from './errors.ts';
import { gunzipChunks, isGzip } from './gzip.ts';

/** An IDX file as plain data. */
export interface IdxArray {
  readonly kind: 'images' | 'labels';
  /** images: [count, height, width]; labels: [count]. */
  readonly shape: readonly number[];
  /** Row-major bytes, 0..255. */
  readonly values: Uint8Array;
}

export interface IdxOptions {
  /** Names the bytes in messages; default `IDX file`. */
  readonly source?: string;
}

/** The unsigned-byte kinds of the format on LeCun's MNIST page: 0x08 is the type, then the number of dimensions. */
const KINDS = {
  images: { magic: 0x00000803, rank: 3 },
  labels: { magic: 0x00000801, rank: 1 },
} as const;

const MAX_SIDE = 4096;
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Reads an IDX file of images or of labels, packed with gzip or not (told by its first two bytes).
 * Memory stays within the file, plus what its header promises and really comes.
 *
 * @throws DatasetError for an empty, truncated, overlong or corrupt file, another kind of file, the other kind
 * of IDX file, and dimensions of 0, of sides over 4096 pixels or of 2 GiB and more.
 */
export async function parseIdx(
  bytes: Uint8Array,
  expected: 'images' | 'labels',
  { source = 'IDX file' }: IdxOptions = {},
): Promise<IdxArray> {
  if (bytes.length === 0) {
    throw new DatasetError({ asked: `${source}: IDX ${expected}`, got: 'an empty file (0 bytes)' });
  }
  const headerLength = 4 + 4 * KINDS[expected].rank;
  const body = new Body();
  let shape: readonly number[] | undefined;
  let promised = 0;
  for await (const chunk of isGzip(bytes) ? gunzipChunks(bytes, source) : [bytes]) {
    body.add(chunk);
    if (!shape && body.length >= 4) checkMagic(body.head(4), expected, source);
    if (!shape && body.length >= headerLength) {
      shape = readShape(body.head(headerLength), source);
      promised = headerLength + shape.reduce((size, side) => size * side, 1);
    }
    if (shape && body.length > promised) {
      throw new DatasetError({
        asked: `${source}: IDX ${expected} [${shape.join(', ')}]`,
        got: isGzip(bytes)
          ? `at least ${body.length} bytes, trailing bytes among them`
          : `${body.length} bytes, ${body.length - promised} of them trailing`,
        allowed: `the ${promised} bytes that its header promises`,
      });
    }
  }
  if (!shape || body.length < promised) {
    if (body.length < 4) checkMagic(body.head(body.length), expected, source);
    throw new DatasetError({
      asked: `${source}: IDX ${expected}${shape ? ` [${shape.join(', ')}]` : ''}`,
      got: `a truncated file: ${body.length} bytes came`,
      allowed: shape ? `the ${promised} bytes that its header promises` : `a header of ${headerLength} bytes`,
      remedy: 'Download the file again.',
    });
  }
  return { kind: expected, shape, values: body.head(promised).subarray(headerLength) };
}

/** Chunks in the order they came; joined on demand. */
class Body {
  length = 0;
  private chunks: Uint8Array[] = [];

  add(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  head(length: number): Uint8Array {
    const head = new Uint8Array(length);
    let offset = 0;
    for (const chunk of this.chunks) {
      if (offset >= length) break;
      head.set(chunk.subarray(0, length - offset), offset);
      offset += chunk.length;
    }
    return head;
  }
}

function checkMagic(head: Uint8Array, expected: 'images' | 'labels', source: string): void {
  const magic = head.reduce((value, byte) => value * 256 + byte, 0);
  if (head.length === 4 && magic === KINDS[expected].magic) return;
  const other = expected === 'images' ? 'labels' : 'images';
  const swapped = head.length === 4 && magic === KINDS[other].magic;
  const seen =
    head.length === 4 ? `0x${magic.toString(16).padStart(8, '0')}` : `a file of ${head.length} bytes`;
  throw new DatasetError({
    asked: `${source}: IDX ${expected}`,
    got: swapped
      ? `the magic number of ${other}, ${seen}`
      : `${head.length === 4 ? 'magic number ' : ''}${seen}`,
    allowed: `magic number 0x${KINDS[expected].magic.toString(16).padStart(8, '0')} (unsigned bytes)`,
    remedy: swapped ? 'The images and the labels look swapped.' : 'Check that this is an IDX file.',
  });
}

function readShape(header: Uint8Array, source: string): readonly number[] {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const shape: number[] = [];
  for (let offset = 4; offset < header.length; offset += 4) shape.push(view.getUint32(offset));
  const [count = 0, ...sides] = shape;
  const size = shape.reduce((product, side) => product * side, 1);
  if (count < 1 || sides.some((side) => side < 1 || side > MAX_SIDE) || size > MAX_BYTES) {
    throw new DatasetError({
      asked: `${source}: dimensions in the IDX header`,
      got: `[${shape.join(', ')}]`,
      allowed: `at least 1 item, sides of 1..${MAX_SIDE} pixels, ${MAX_BYTES} bytes in all`,
      remedy: 'The header is corrupt; download the file again.',
    });
  }
  return shape;
}
