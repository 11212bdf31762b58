import type { LabelledImages } from '@clearmaps/datasets';
import { decisionOf, inputBatches } from '@clearmaps/evaluation';
import type { Clearmaps } from 'clearmaps';

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
 * @throws EvaluationError where image size or class count do not fit; the signal's reason once aborted.
 */
export async function* scoreImages(
  cm: Clearmaps,
  set: LabelledImages,
  indices: ArrayLike<number>,
  signal: AbortSignal,
): AsyncGenerator<Decision[]> {
  const { model, classCount } = cm;
  for await (const batch of inputBatches(set, model, { indices, classCount, signal })) {
    const { probabilities } = await cm.predict(batch.values);
    yield batch.indices.map((index, i) => {
      const scores = probabilities.subarray(i * classCount, (i + 1) * classCount);
      const predicted = decisionOf(scores);
      return { index, trueClass: batch.labels[i]!, predicted, probability: scores[predicted]! };
    });
  }
}
