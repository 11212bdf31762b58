import { DatasetError } from './errors.ts';
import { readColumn } from './mat5-column.ts';
import { MI } from './mat5-elements.ts';
import { type MatVariable, MX } from './mat5-variables.ts';

export const SVHN_SIDE = 32;
export const SVHN_CHANNELS = 3;
export const SVHN_IMAGE_BYTES = SVHN_SIDE * SVHN_SIDE * SVHN_CHANNELS;

// extra_32x32.mat packs 1.2 to 1. Beyond this a file that is not small is a deflate bomb, not photographs.
const MOST_RATIO = 100;
const ALWAYS_ALLOWED_BYTES = 64 << 20;

/** @throws DatasetError for the file that goes with SVHN's uncropped pictures. */
export function refuseFullNumbers(variables: readonly MatVariable[], source: string): void {
  if (!variables.some(({ name, mxClass }) => name === 'digitStruct' && mxClass === MX.STRUCT)) return;
  throw new DatasetError({
    asked: `${source}: cropped digits of SVHN (X and y)`,
    got: 'the full-number format (struct "digitStruct")',
    remedy: 'Take the cropped digits, "Format 2": train_32x32.mat, test_32x32.mat or extra_32x32.mat.',
  });
}

/** What `variableNamed` says of files that lack X or y. */
export const CROPPED_DIGITS = {
  allowed: 'one variable "X" with images and one "y" with labels',
  remedy: 'Take a cropped-digits file of SVHN, such as train_32x32.mat.',
};

/**
 * How many images X holds, from its header alone.
 *
 * @throws DatasetError for another shape or type, sizes that do not fit together, and a deflate bomb.
 */
export function imageCount({ mxClass, complex, shape, data, stored }: MatVariable, asked: string): number {
  // MATLAB drops a last dimension of 1.
  const [height, width, channels, count = 1] = shape;
  const fits = height === SVHN_SIDE && width === SVHN_SIDE && channels === SVHN_CHANNELS;
  if (!fits || shape.length > 4 || count < 1 || mxClass !== MX.UINT8 || complex || data?.type !== MI.UINT8) {
    throw new DatasetError({
      asked: `${asked}: images`,
      got: `${complex ? 'a complex' : 'an'} array [${shape.join(', ')}] of class ${mxClass}`,
      allowed: '[32, 32, 3, n] of class 9 (uint8), n at least 1',
      remedy: 'Take a cropped-digits file of SVHN, such as train_32x32.mat.',
    });
  }
  const bytes = count * SVHN_IMAGE_BYTES;
  if (data.bytes !== bytes) {
    throw new DatasetError({
      asked: `${asked}: images [${shape.join(', ')}]`,
      got: `${data.bytes} bytes of data`,
      allowed: `${bytes} bytes`,
      remedy: 'The file is corrupt; download it again.',
    });
  }
  if (stored.compressed && bytes > ALWAYS_ALLOWED_BYTES && bytes > stored.bytes * MOST_RATIO) {
    throw new DatasetError({
      asked: `${asked}: ${bytes} bytes of images`,
      got: `${stored.bytes} packed bytes, less than 1 in ${MOST_RATIO}: a deflate bomb, or pictures of nothing`,
      allowed: `1 packed byte for ${MOST_RATIO}, beyond ${ALWAYS_ALLOWED_BYTES} bytes`,
      remedy: "If you trust the file, save it again without compression (MATLAB: save(..., '-v6')).",
    });
  }
  return count;
}

/**
 * Reads y: [n, 1] of any real class and storage type, 10 for the digit 0.
 *
 * @returns [count], 0..9.
 * @throws DatasetError when there is not one label 0..10 an image, or the data is truncated or corrupt.
 */
export async function readLabels(y: MatVariable, count: number, asked: string): Promise<Int32Array> {
  const labels = await readColumn(y, count, asked);
  return Int32Array.from(labels, (label, i) => digitOf(label, i, asked));
}

/** SVHN writes 10 for the digit 0; converted copies write 0. */
function digitOf(label: number, index: number, asked: string): number {
  if (Number.isInteger(label) && label >= 0 && label <= 10) return label % 10;
  throw new DatasetError({
    asked: `${asked}: label of image ${index}`,
    got: String(label),
    allowed: '1..9, and 10 for the digit 0',
  });
}
