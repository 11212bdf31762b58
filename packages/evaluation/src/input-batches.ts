import { imageAt, type LabelledImages } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { preprocess } from '@clearmaps/models';
import { EvaluationError } from './errors.ts';

/** Images of a set as a net takes them. */
export interface InputBatch {
  /** Of the images in the set. */
  readonly indices: readonly number[];
  /** The true classes. */
  readonly labels: readonly number[];
  /** [B, H, W, C] */
  readonly values: Float32Array;
}

/** Values of a batch: enough images to keep a backend busy, few enough for any memory. */
const MOST_VALUES = 4e6;
const MOST_IMAGES = 100;

/** How many images go through a net at once. @param size values of one image */
export function batchSizeFor(size: number): number {
  return Math.max(1, Math.min(MOST_IMAGES, Math.floor(MOST_VALUES / size)));
}

/**
 * Reads a set a batch at a time.
 *
 * @param indices which images, in which order; all unless told
 * @throws EvaluationError where image size or classes do not fit the net, or it states no preprocessing; the signal's
 *   reason once aborted
 */
export async function* inputBatches(
  set: LabelledImages,
  model: LayerGraph,
  {
    indices = Array.from(set.labels.keys()),
    classCount,
    signal,
  }: { readonly indices?: ArrayLike<number>; readonly classCount: number; readonly signal?: AbortSignal },
): AsyncGenerator<InputBatch> {
  const [height, width, channels] = model.inputShape;
  const { preprocessing } = model;
  if (set.height !== height || set.width !== width || set.classNames.length > classCount || !preprocessing) {
    throw new EvaluationError({
      asked: `model "${model.name}" on ${set.name}`,
      got: `${set.height}x${set.width} pixels, ${set.classNames.length} classes`,
      allowed: `${height}x${width} pixels, ${classCount} classes, a model that states its preprocessing`,
    });
  }
  const size = height * width * channels;
  const most = batchSizeFor(size);
  for (let begin = 0; begin < indices.length; begin += most) {
    signal?.throwIfAborted();
    const batch = Array.from(
      { length: Math.min(most, indices.length - begin) },
      (_, i) => indices[begin + i]!,
    );
    const values = new Float32Array(batch.length * size);
    for (const [i, index] of batch.entries()) {
      const picture = { data: imageAt(set, index), width, height, channels: set.channels };
      values.set(preprocess(picture, preprocessing, model.inputShape), i * size);
    }
    yield { indices: batch, labels: batch.map((index) => set.labels[index]!), values };
    // Lets Ctrl-C in.
    await new Promise((turn) => setTimeout(turn));
  }
}
