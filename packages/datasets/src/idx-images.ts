import { parseIdx } from './idx.ts';
import { type LabelledImages, labelledImages } from './labelled-images.ts';

const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

export interface IdxImagesOptions {
  /** Name of the set; default `idx`. */
  readonly name?: string;
  /** One a class, in label order; default the digits '0'..'9', as in MNIST. */
  readonly classNames?: readonly string[];
  /** Names of the two files in messages. */
  readonly sources?: { readonly images: string; readonly labels: string };
}

/**
 * A gray-scale data set from the bytes of its two IDX files (MNIST and its kin), each packed with gzip or not.
 *
 * @throws DatasetError as `parseIdx` does, when the counts differ, and when a label has no class name.
 */
export async function labelledImagesFromIdx(
  imageBytes: Uint8Array,
  labelBytes: Uint8Array,
  { name = 'idx', classNames = DIGITS, sources }: IdxImagesOptions = {},
): Promise<LabelledImages> {
  // Labels first: they are small, so a mix-up is found before the images are unpacked.
  const labels = await parseIdx(labelBytes, 'labels', { source: sources?.labels ?? 'labels' });
  const images = await parseIdx(imageBytes, 'images', { source: sources?.images ?? 'images' });
  const [, height = 0, width = 0] = images.shape;
  return labelledImages({
    name,
    images: images.values,
    labels: Int32Array.from(labels.values),
    height,
    width,
    channels: 1,
    classNames,
  });
}
