import { ModelFileError } from '../errors.ts';

const SIGNATURE = [0x47, 0x43, 0x4f, 0x4c]; // GCOL
const HEADER = 16;

/**
 * Refuses a file that HDF5's library (2.0) would read for ever: in a global heap, where texts of any length lie, free
 * space of no length, of which the next begins where the last did.
 *
 * Source: HDF5 File Format Specification 3.0, III.E, Global Heap.
 *
 * @throws ModelFileError
 */
export function refuseEndlessHeaps(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.indexOf(SIGNATURE[0]!); at >= 0; at = bytes.indexOf(SIGNATURE[0]!, at + 1)) {
    if (!SIGNATURE.every((byte, i) => bytes[at + i] === byte) || at + HEADER > bytes.length) continue;
    const end = Math.min(bytes.length, at + Number(view.getBigUint64(at + 8, true)));
    let object = at + HEADER;
    while (object + HEADER <= end) {
      const isFree = view.getUint16(object, true) === 0;
      const size = Number(view.getBigUint64(object + 8, true));
      if (isFree && size < HEADER) {
        throw new ModelFileError({
          asked: 'HDF5 file',
          got: `a broken heap at byte ${at}`,
          remedy: 'Download or save the file again.',
        });
      }
      // Objects end at multiples of 8 bytes; the size of free space has its header in it.
      object += isFree ? size : HEADER + Math.ceil(size / 8) * 8;
    }
  }
}
