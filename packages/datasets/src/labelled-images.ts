import { DatasetError } from './errors.ts';

/** A classification data set in memory: the one shape that every reader of this package returns. */
export interface LabelledImages {
  /** Where the images come from, for messages and records: `mnist`, `train`. */
  readonly name: string;
  /** [count, height, width, channels], row-major bytes, 0..255. Channels: 1 = gray (0 is black), 3 = RGB. */
  readonly images: Uint8Array;
  /** [count], each an index into `classNames`. Int32Array, because TensorFlow.js takes it as it is. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Pixels. */
  readonly height: number;
  /** Pixels. */
  readonly width: number;
  readonly channels: 1 | 3;
  /** One a class, in label order. */
  readonly classNames: readonly string[];
}

export type LabelledImagesParts = Omit<LabelledImages, 'count'>;

/**
 * Checks that images, labels and class names belong together.
 *
 * @throws DatasetError when the number of labels or bytes does not match, or a label has no class.
 */
export function labelledImages(parts: LabelledImagesParts): LabelledImages {
  const { name, images, labels, height, width, channels, classNames } = parts;
  const size = height * width * channels;
  const count = images.length / size;
  if (!Number.isInteger(count)) {
    throw new DatasetError({
      asked: `${name}: images of ${height}x${width}x${channels}`,
      got: `${images.length} bytes`,
      allowed: `a multiple of ${size} bytes`,
    });
  }
  if (labels.length !== count) {
    throw new DatasetError({
      asked: `${name}: one label an image`,
      got: `${count} images and ${labels.length} labels`,
      remedy: 'Take the images and the labels of the same part of the data set.',
    });
  }
  for (let i = 0; i < count; i++) {
    const label = labels[i]!;
    if (label < 0 || label >= classNames.length) {
      throw new DatasetError({
        asked: `${name}: label of image ${i}`,
        got: `${label}`,
        allowed: `0..${classNames.length - 1} (${classNames.length} class names)`,
        remedy: 'Pass `classNames` with a name for every label, or check that the file holds labels.',
      });
    }
  }
  return { name, images, labels, count, height, width, channels, classNames };
}

/**
 * The bytes of one image, [height, width, channels]: a view into the set, not a copy.
 *
 * @throws DatasetError when the index is not an integer in 0..count-1.
 */
export function imageAt(set: LabelledImages, index: number): Uint8Array {
  checkIndex(set, index);
  const size = set.height * set.width * set.channels;
  return set.images.subarray(index * size, (index + 1) * size);
}

/**
 * A new set of copies of the chosen images, in the order of `indices`; an index may come more than once.
 *
 * @throws DatasetError when an index is not an integer in 0..count-1.
 */
export function selectImages(set: LabelledImages, indices: ArrayLike<number>): LabelledImages {
  const size = set.height * set.width * set.channels;
  const images = new Uint8Array(indices.length * size);
  const labels = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    images.set(imageAt(set, index), i * size);
    labels[i] = set.labels[index]!;
  }
  return { ...set, images, labels, count: indices.length };
}

/** The first images of a set, copied; the set itself where it has no more. @param most from 1 */
export function firstImages(set: LabelledImages, most: number): LabelledImages {
  if (most >= set.count) return set;
  return selectImages(
    set,
    Array.from({ length: most }, (_, i) => i),
  );
}

/**
 * The images of two sets one after the other, copied, under the name of the first.
 *
 * @throws DatasetError when size, channels or class names differ.
 */
export function joinImages(first: LabelledImages, second: LabelledImages): LabelledImages {
  const describe = ({ height, width, channels, classNames }: LabelledImages) =>
    `${height}x${width}x${channels}, classes ${classNames.join(', ')}`;
  if (describe(first) !== describe(second)) {
    throw new DatasetError({
      asked: `${first.name} together with ${second.name}`,
      got: describe(second),
      allowed: describe(first),
    });
  }
  const images = new Uint8Array(first.images.length + second.images.length);
  images.set(first.images);
  images.set(second.images, first.images.length);
  const labels = Int32Array.from([...first.labels, ...second.labels]);
  return { ...first, images, labels, count: labels.length };
}

function checkIndex(set: LabelledImages, index: number): void {
  if (Number.isInteger(index) && index >= 0 && index < set.count) return;
  throw new DatasetError({
    asked: `${set.name}: image ${index}`,
    got: `a set of ${set.count} images`,
    allowed: `integers 0..${set.count - 1}`,
  });
}
