import type { ByteCursor } from './byte-source.ts';
import { DatasetError } from './errors.ts';

/** Data types of MAT-file level 5, as MathWorks' "MAT-File Format" numbers them (table 1-1). */
export const MI = {
  INT8: 1,
  UINT8: 2,
  INT16: 3,
  UINT16: 4,
  INT32: 5,
  UINT32: 6,
  SINGLE: 7,
  DOUBLE: 9,
  MATRIX: 14,
  COMPRESSED: 15,
  UTF8: 16,
} as const;

/** The tag of a data element. */
export interface MatTag {
  readonly type: number;
  /** Bytes of data after the tag, without padding. */
  readonly bytes: number;
  /** Whether data of 1..4 bytes sits inside the tag itself ("small data element format"). */
  readonly small: boolean;
}

/** Reads integers and reals of one byte order. */
export interface ByteOrder {
  readonly littleEndian: boolean;
}

/** Reads a tag: 8 bytes, or the first 4 of a small element. */
export async function readTag(cursor: ByteCursor, { littleEndian }: ByteOrder): Promise<MatTag> {
  const head = viewOf(await cursor.read(4)).getUint32(0, littleEndian);
  const smallBytes = head >>> 16;
  if (smallBytes > 0) return { type: head & 0xffff, bytes: smallBytes, small: true };
  return { type: head, bytes: viewOf(await cursor.read(4)).getUint32(0, littleEndian), small: false };
}

/**
 * Reads a small piece of a matrix: its flags, dimensions or name, a short text.
 *
 * @throws DatasetError when its type is another than those allowed or it is larger than `most` bytes.
 */
export async function readPiece(
  cursor: ByteCursor,
  order: ByteOrder,
  { what, types, most }: { what: string; types: readonly number[]; most: number },
): Promise<{ readonly type: number; readonly view: DataView }> {
  const tag = await readTag(cursor, order);
  if (!types.includes(tag.type) || tag.bytes > (tag.small ? 4 : most)) {
    throw new DatasetError({
      asked: what,
      got: `an element of type ${tag.type} with ${tag.bytes} bytes`,
      allowed: `type ${types.join(' or ')}, at most ${most} bytes`,
      remedy: 'The file is corrupt; download it again.',
    });
  }
  // Elements are padded: small ones to 4 bytes, all others to 8.
  const padded = tag.small ? 4 : Math.ceil(tag.bytes / 8) * 8;
  return { type: tag.type, view: viewOf((await cursor.read(padded)).subarray(0, tag.bytes)) };
}

/** Bytes of one value of a numeric data type, or undefined when it is none that is read here. */
export function sizeOfType(type: number): 1 | 2 | 4 | 8 | undefined {
  switch (type) {
    case MI.INT8:
    case MI.UINT8:
      return 1;
    case MI.INT16:
    case MI.UINT16:
      return 2;
    case MI.INT32:
    case MI.UINT32:
    case MI.SINGLE:
      return 4;
    case MI.DOUBLE:
      return 8;
    default:
      return undefined;
  }
}

/** Value `index` of an array of a numeric data type. */
export function valueAt(
  view: DataView,
  index: number,
  type: number,
  { littleEndian }: ByteOrder,
): number | undefined {
  switch (type) {
    case MI.INT8:
      return view.getInt8(index);
    case MI.UINT8:
      return view.getUint8(index);
    case MI.INT16:
      return view.getInt16(index * 2, littleEndian);
    case MI.UINT16:
      return view.getUint16(index * 2, littleEndian);
    case MI.INT32:
      return view.getInt32(index * 4, littleEndian);
    case MI.UINT32:
      return view.getUint32(index * 4, littleEndian);
    case MI.SINGLE:
      return view.getFloat32(index * 4, littleEndian);
    case MI.DOUBLE:
      return view.getFloat64(index * 8, littleEndian);
    default:
      return undefined;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
