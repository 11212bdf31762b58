import { type ByteCursor, type ByteSource, sourceOfBytes } from './byte-source.ts';
import { DatasetError } from './errors.ts';
import { type LabelledImages, labelledImages } from './labelled-images.ts';
import { MI, sizeOfType, valueAt } from './mat5-elements.ts';
import { listMatVariables, type MatVariable, MX } from './mat5-variables.ts';

export const SVHN_SIDE = 32;
export const SVHN_CHANNELS = 3;
export const SVHN_IMAGE_BYTES = SVHN_SIDE * SVHN_SIDE * SVHN_CHANNELS;
const CLASS_NAMES: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

// extra_32x32.mat packs 1.2 to 1. Beyond this a file that is not small is a deflate bomb, not photographs.
const MOST_RATIO = 100;
const ALWAYS_ALLOWED_BYTES = 64 << 20;

export interface SvhnOptions {
  /** Name of the set; default `svhn`. */
  readonly name?: string;
}

/**
 * Reads a cropped-digits file of SVHN (`train_32x32.mat`, `test_32x32.mat`: Netzer et al. 2011,
 * http://ufldl.stanford.edu/housenumbers/, "Format 2") from its bytes: a level 5 MAT-file with X, uint8
 * [32, 32, 3, n] in MATLAB's column-major order, and y [n, 1] with 10 for the digit 0.
 *
 * @returns images [n, 32, 32, 3] row-major RGB, labels 0..9, class names '0'..'9'.
 * @throws DatasetError for another kind of file (the full-number format among them), a truncated or corrupt one,
 * sizes that do not fit together, labels outside 0..10, and data that inflates like a bomb: over 64 MiB and over
 * 100 times its packed size. Memory stays within the file and what X promises within these bounds.
 */
export async function parseSvhn(
  bytes: Uint8Array,
  { name = 'svhn' }: SvhnOptions = {},
): Promise<LabelledImages> {
  const file = await openSvhn(sourceOfBytes(bytes, name));
  try {
    const images = new Uint8Array(file.count * SVHN_IMAGE_BYTES);
    await file.images.next(images);
    return svhnImages(name, images, file.labels);
  } finally {
    await file.images.close();
  }
}

/** An SVHN file of which the labels have been read and the images come one after the other. */
export interface SvhnFile {
  readonly count: number;
  /** [count], 0..9. */
  readonly labels: Int32Array;
  readonly images: SvhnImages;
}

/** @throws DatasetError as `parseSvhn` does, except for what only shows once the images are read. */
export async function openSvhn(source: ByteSource): Promise<SvhnFile> {
  const variables = await listMatVariables(source);
  refuseFullNumbers(variables, source.name);
  const X = variableNamed('X', variables, source.name);
  const y = variableNamed('y', variables, source.name);
  const count = imageCount(X, `${source.name}: X`);
  const labels = await readLabels(y, count, `${source.name}: y`);
  return { count, labels, images: new SvhnImages(await X.open(), count, `${source.name}: X`) };
}

/** Puts images and labels together under SVHN's names. */
export function svhnImages(name: string, images: Uint8Array, labels: Int32Array): LabelledImages {
  return labelledImages({
    name,
    images,
    labels,
    height: SVHN_SIDE,
    width: SVHN_SIDE,
    channels: SVHN_CHANNELS,
    classNames: CLASS_NAMES,
  });
}

/** The images of X in order, each turned from column-major to row-major as it comes. */
export class SvhnImages {
  private left: number;
  private readonly cursor: ByteCursor;
  private readonly name: string;

  constructor(cursor: ByteCursor, count: number, name: string) {
    this.cursor = cursor;
    this.left = count;
    this.name = name;
  }

  /**
   * Fills `target` [m, 32, 32, 3] with the next m images. After the last one the checksum of packed data is tested.
   *
   * @throws DatasetError when the data is truncated or corrupt, or goes on after the last image.
   */
  async next(target: Uint8Array): Promise<void> {
    for (let offset = 0; offset < target.length; offset += SVHN_IMAGE_BYTES) {
      const { cursor } = this;
      // Without waiting where a whole image is at hand: there are hundreds of thousands.
      const image =
        cursor.ready >= SVHN_IMAGE_BYTES
          ? cursor.take(SVHN_IMAGE_BYTES)
          : await cursor.read(SVHN_IMAGE_BYTES);
      transpose(image, target, offset);
      this.left--;
    }
    if (this.left > 0 || (await this.cursor.atEnd())) return;
    throw new DatasetError({
      asked: `${this.name}: an end after the last image`,
      got: 'more bytes',
      remedy: 'The file is corrupt; download it again.',
    });
  }

  close(): Promise<void> {
    return this.cursor.close();
  }
}

/** [row + 32 (column + 32 channel)] to [(32 row + column) 3 + channel]. */
function transpose(image: Uint8Array, target: Uint8Array, offset: number): void {
  let from = 0;
  for (let channel = 0; channel < SVHN_CHANNELS; channel++) {
    for (let column = 0; column < SVHN_SIDE; column++) {
      let to = offset + column * SVHN_CHANNELS + channel;
      for (let row = 0; row < SVHN_SIDE; row++) {
        target[to] = image[from++]!;
        to += SVHN_SIDE * SVHN_CHANNELS;
      }
    }
  }
}

function refuseFullNumbers(variables: readonly MatVariable[], source: string): void {
  if (!variables.some(({ name, mxClass }) => name === 'digitStruct' && mxClass === MX.STRUCT)) return;
  throw new DatasetError({
    asked: `${source}: cropped digits of SVHN (X and y)`,
    got: 'the full-number format (struct "digitStruct")',
    remedy: 'Take the cropped digits, "Format 2": train_32x32.mat, test_32x32.mat or extra_32x32.mat.',
  });
}

function variableNamed(name: string, variables: readonly MatVariable[], source: string): MatVariable {
  const [first, ...others] = variables.filter((variable) => variable.name === name);
  if (first && others.length === 0) return first;
  const names = variables.slice(0, 8).map((variable) => JSON.stringify(variable.name.slice(0, 40)));
  throw new DatasetError({
    asked: `${source}: variable "${name}"`,
    got: first ? `${others.length + 1} of that name` : `variables ${names.join(', ') || '(none)'}`,
    allowed: 'one variable "X" with images and one "y" with labels',
    remedy: 'Take a cropped-digits file of SVHN, such as train_32x32.mat.',
  });
}

function imageCount({ mxClass, complex, shape, data, stored }: MatVariable, asked: string): number {
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

async function readLabels(y: MatVariable, count: number, asked: string): Promise<Int32Array> {
  const { shape, data, complex, order } = y;
  const size = data && sizeOfType(data.type);
  if (!data || !size || complex || shape.length !== 2 || !shape.includes(1)) {
    throw new DatasetError({
      asked: `${asked}: labels`,
      got: `${complex ? 'a complex' : 'an'} array [${shape.join(', ')}] of class ${y.mxClass}`,
      allowed: 'real numbers [n, 1]',
    });
  }
  const labelCount = shape[0]! * shape[1]!;
  if (labelCount !== count || data.bytes !== count * size) {
    throw new DatasetError({
      asked: `${asked}: one label an image`,
      got: `[${shape.join(', ')}] in ${data.bytes} bytes, and ${count} images`,
      allowed: `[${count}, 1] in ${count * size} bytes`,
      remedy: 'The file is corrupt; download it again.',
    });
  }
  const cursor = await y.open();
  try {
    const bytes = await cursor.read(data.bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const labels = new Int32Array(count);
    for (let i = 0; i < count; i++) labels[i] = digitOf(valueAt(view, i, data.type, order)!, i, asked);
    return labels;
  } finally {
    await cursor.close();
  }
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
