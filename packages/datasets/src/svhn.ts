import { type ByteCursor, type ByteSource, sourceOfBytes } from './byte-source.ts';
import { DatasetError } from './errors.ts';
import { type LabelledImages, labelledImages } from './labelled-images.ts';
import { listMatVariables, variableNamed } from './mat5-variables.ts';
import {
  CROPPED_DIGITS,
  imageCount,
  readLabels,
  refuseFullNumbers,
  SVHN_CHANNELS,
  SVHN_IMAGE_BYTES,
  SVHN_SIDE,
} from './svhn-variables.ts';

const CLASS_NAMES: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

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
  const X = variableNamed('X', variables, source.name, CROPPED_DIGITS);
  const y = variableNamed('y', variables, source.name, CROPPED_DIGITS);
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
