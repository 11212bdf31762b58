import { DatasetError } from '../errors.ts';
import { type LabelledImages, labelledImages } from '../labelled-images.ts';
import type { Box } from './dog-boxes.ts';
import type { DogPicture } from './stanford-dogs.ts';

/**
 * Decodes one JPEG file to [height, width, 3] RGB bytes of the size asked for, cut to `box` first where there is one.
 * This package brings no decoder.
 */
export type DecodeDog = (jpeg: Uint8Array, where: { file: string; box?: Box }) => Promise<Uint8Array>;

export interface DogImagesOptions {
  /** Pixels of every image in the set. */
  readonly height: number;
  readonly width: number;
  readonly decode: DecodeDog;
  /** Cut each picture to its largest dog, as annotated; default false. */
  readonly crop?: boolean;
  /** Stops between two pictures; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface StreamDogsOptions extends DogImagesOptions {
  /** Images a batch, from 1; default 64. The last batch may have fewer. */
  readonly batch?: number;
}

const CHANNELS = 3;

/**
 * Decodes pictures of Stanford Dogs batch by batch, in their order: only one batch is held.
 *
 * @param classNames of the set that the pictures are of
 * @throws DatasetError when a picture or its boxes cannot be read, or it decodes to another size; what `decode` throws.
 */
export async function* streamDogs(
  pictures: readonly DogPicture[],
  classNames: readonly string[],
  { height, width, decode, crop = false, batch = 64, signal, onProgress }: StreamDogsOptions,
): AsyncGenerator<LabelledImages, void, void> {
  if (!(Number.isInteger(batch) && batch >= 1)) {
    throw new DatasetError({
      asked: 'dogs: option `batch`',
      got: String(batch),
      allowed: 'integers from 1',
    });
  }
  const size = height * width * CHANNELS;
  for (let start = 0; start < pictures.length; start += batch) {
    const chosen = pictures.slice(start, start + batch);
    const images = new Uint8Array(chosen.length * size);
    for (const [i, picture] of chosen.entries()) {
      signal?.throwIfAborted();
      const { file } = picture;
      const [box] = crop ? await picture.boxes() : [];
      const bytes = await decode(await picture.read(), { file, ...(box && { box }) });
      if (bytes.length !== size) {
        throw new DatasetError({
          asked: file,
          got: `${bytes.length} bytes`,
          allowed: `${height}x${width}x${CHANNELS}`,
        });
      }
      images.set(bytes, i * size);
      onProgress?.(start + i + 1, pictures.length);
    }
    const labels = Int32Array.from(chosen, ({ label }) => label);
    yield labelledImages({ name: 'dogs', images, labels, height, width, channels: CHANNELS, classNames });
  }
}

/** `streamDogs` in one piece: height * width * 3 bytes a picture. */
export async function readDogs(
  pictures: readonly DogPicture[],
  classNames: readonly string[],
  options: DogImagesOptions,
): Promise<LabelledImages> {
  const batch = Math.max(1, pictures.length);
  for await (const all of streamDogs(pictures, classNames, { ...options, batch })) return all;
  throw new DatasetError({ asked: 'dogs', got: 'no pictures', allowed: 'at least one' });
}
