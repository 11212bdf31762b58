import { DatasetError } from './errors.ts';
import type { ByteOrder } from './mat5-elements.ts';

/** Bytes of the header of a level 5 MAT-file: 116 of text, 8 of subsystem offset, version, endian indicator. */
export const MAT_HEADER_BYTES = 128;

const VERSION_5 = 0x0100;
const VERSION_73 = 0x0200;

/** Whether the first bytes of a file look like a MAT-file of level 5 or 7.3; its text may say anything. */
export function isMatFile(head: Uint8Array): boolean {
  const version = readVersion(head);
  return version?.number === VERSION_5 || version?.number === VERSION_73;
}

/**
 * Reads the header of a level 5 MAT-file: its text is free, so version and endian indicator decide.
 *
 * @param head the first 128 bytes, or all there are.
 * @throws DatasetError for anything else, with a remedy of its own for HDF5 files ("-v7.3").
 */
export function readMatFileHeader(head: Uint8Array, name: string): ByteOrder {
  const version = readVersion(head);
  if (version?.number === VERSION_5) return version.order;
  if (version?.number === VERSION_73) {
    throw new DatasetError({
      asked: `${name}: MAT-file of level 5`,
      got: 'a MAT-file of version 7.3 (HDF5)',
      remedy:
        "Save it again in MATLAB with save(..., '-v7'). SVHN's full-number file digitStruct.mat is of this kind " +
        'and is not read: take the cropped digits, train_32x32.mat.',
    });
  }
  const start = [...head.subarray(0, 24)].map((code) =>
    code >= 32 && code < 127 ? String.fromCharCode(code) : '.',
  );
  throw new DatasetError({
    asked: `${name}: MAT-file of level 5`,
    got:
      head.length < MAT_HEADER_BYTES
        ? `a file of ${head.length} bytes`
        : `a file that begins "${start.join('')}" and has no such version and endian indicator at byte 124`,
    allowed: 'a header of 128 bytes that ends in version 0x0100 and "IM" or "MI"',
    remedy: 'Check that this is a MATLAB file and not, say, a web page; download it again.',
  });
}

function readVersion(head: Uint8Array): { number: number; order: ByteOrder } | undefined {
  if (head.length < MAT_HEADER_BYTES) return undefined;
  // The two characters are written as one 16-bit number: read byte by byte, "IM" means little-endian.
  const indicator = String.fromCharCode(head[126]!, head[127]!);
  if (indicator !== 'IM' && indicator !== 'MI') return undefined;
  const littleEndian = indicator === 'IM';
  const number = littleEndian ? head[124]! + 256 * head[125]! : 256 * head[124]! + head[125]!;
  return { number, order: { littleEndian } };
}
