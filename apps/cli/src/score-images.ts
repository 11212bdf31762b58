import { imageAt, type LabelledImages } from '@clearmaps/datasets';
import { preprocess } from '@clearmaps/models';
import { type Clearmaps, ranked } from 'clearmaps';
import { UsageError } from './errors.ts';

/** Images that one forward pass takes: enough to keep the backend busy, few enough for any memory. */
const BATCH = 100;

/** What a model says of one image of a set. */
export interface Decision {
  readonly index: number;
  readonly trueClass: number;
  readonly predicted: number;
  /** Of the predicted class. */
  readonly probability: number;
}

/**
 * Classifies the images of a set, a batch at a time.
 *
 * @throws UsageError where image size or class count do not fit; the signal's reason once aborted.
 */
export async function* scoreImages(
  cm: Clearmaps,
  set: LabelledImages,
  indices: ArrayLike<number>,
  signal: AbortSignal,
): AsyncGenerator<Decision[]> {
  const { model, classCount } = cm;
  const [height, width, channels] = model.inputShape;
  const { preprocessing } = model;
  if (set.height !== height || set.width !== width || set.classNames.length > classCount || !preprocessing) {
    throw new UsageError({
      asked: `model "${model.name}" on ${set.name}`,
      got: `${set.height}x${set.width} pixels, ${set.classNames.length} classes`,
      allowed: `${height}x${width} pixels, ${classCount} classes, a model that states its preprocessing`,
    });
  }
  const size = height * width * channels;
  for (let begin = 0; begin < indices.length; begin += BATCH) {
    signal.throwIfAborted();
    const count = Math.min(BATCH, indices.length - begin);
    const values = new Float32Array(count * size);
    for (let i = 0; i < count; i++) {
      const picture = { data: imageAt(set, indices[begin + i]!), width, height, channels: set.channels };
      values.set(preprocess(picture, preprocessing, model.inputShape), i * size);
    }
    const { probabilities } = await cm.predict(values);
    yield Array.from({ length: count }, (_, i) => {
      const index = indices[begin + i]!;
      const scores = probabilities.subarray(i * classCount, (i + 1) * classCount);
      const predicted = ranked(scores)[0]!;
      return { index, trueClass: set.labels[index]!, predicted, probability: scores[predicted]! };
    });
    // Lets Ctrl-C in.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
