import { createHash } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { TrainingError } from '../errors.ts';
import { weightsOf } from '../graph-weights.ts';

export interface CachedFeatures {
  /** All that decides the values, see {@link featureKey}. */
  readonly key: string;
  /** Maps in all, and values a map. */
  readonly count: number;
  readonly size: number;
  /** Makes the maps from number `first` on, any number at a time, in order. */
  readonly make: (first: number) => AsyncIterable<Float32Array>;
}

const DIGEST_BYTES = 32;
const FLOAT_BYTES = 4;

/**
 * The key of a trunk's feature maps of some pictures.
 *
 * @param pictures the bytes of each picture file, and whatever else decides how it is read
 * @returns SHA-256, hex, over the trunk's layers, weights and preprocessing and the pictures in their order
 */
export async function featureKey(
  trunk: LayerGraph,
  pictures: AsyncIterable<Uint8Array | string>,
): Promise<string> {
  const hash = createHash('sha256');
  const { layers, inputShape, preprocessing } = trunk;
  const plain = layers.map((layer) => ({ ...layer, kernel: undefined, bias: undefined }));
  hash.update(JSON.stringify({ inputShape, preprocessing, plain }));
  for (const [key, { shape, values }] of weightsOf(trunk)) {
    hash.update(`${key} ${shape}`).update(bytesOf(values));
  }
  // A digest a picture, so that no two lists of pictures are one run of bytes.
  for await (const part of pictures) hash.update(createHash('sha256').update(part).digest());
  return hash.digest('hex');
}

/**
 * The feature maps of a key from `folder/features-KEY.bin`, which is made if it is not there: float32 values of this
 * machine's byte order, then their SHA-256. While it is made it is called `.part`; an interrupted run leaves that, and
 * the next goes on behind its last whole map.
 *
 * @returns [count, size]
 * @throws TrainingError for a file of another length or damaged values; what `make` throws.
 */
export async function cachedFeatures(folder: string, features: CachedFeatures): Promise<Float32Array> {
  const path = join(folder, `features-${features.key.slice(0, 16)}.bin`);
  const there = await open(path).catch(() => undefined);
  if (there === undefined) await makeFile(path, features);
  const file = there ?? (await open(path));
  try {
    return await readMaps(file, path, features);
  } finally {
    await file.close();
  }
}

async function makeFile(path: string, { count, size, make }: CachedFeatures): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'a+');
  try {
    const bytesAMap = size * FLOAT_BYTES;
    let done = Math.min(count, Math.floor((await file.stat()).size / bytesAMap));
    await file.truncate(done * bytesAMap);
    const hash = createHash('sha256');
    for (let i = 0; i < done; i++) {
      const before = new Uint8Array(bytesAMap);
      await file.read(before, 0, bytesAMap, i * bytesAMap);
      hash.update(before);
    }
    if (done < count) {
      for await (const maps of make(done)) {
        hash.update(bytesOf(maps));
        await file.appendFile(bytesOf(maps));
        done += maps.length / size;
      }
    }
    await file.appendFile(hash.digest());
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

async function readMaps(
  file: FileHandle,
  path: string,
  { count, size }: CachedFeatures,
): Promise<Float32Array> {
  const wanted = count * size * FLOAT_BYTES;
  const remedy = 'Delete it and run this again.';
  const { size: bytes } = await file.stat();
  if (bytes !== wanted + DIGEST_BYTES) {
    throw new TrainingError({
      asked: `feature maps in ${path}`,
      got: `${bytes} bytes`,
      allowed: `${wanted + DIGEST_BYTES} bytes`,
      remedy,
    });
  }
  const values = new Float32Array(count * size);
  const target = bytesOf(values);
  const hash = createHash('sha256');
  const step = 1 << 24;
  for (let at = 0; at < wanted; at += step) {
    const length = Math.min(step, wanted - at);
    await file.read(target, at, length, at);
    hash.update(target.subarray(at, at + length));
  }
  const digest = new Uint8Array(DIGEST_BYTES);
  await file.read(digest, 0, DIGEST_BYTES, wanted);
  if (hash.digest().equals(digest)) return values;
  throw new TrainingError({
    asked: `feature maps in ${path}`,
    got: 'values that do not give their checksum',
    remedy,
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
