import type { LayerGraph } from '@clearmaps/deconvnet';
import { tensor4d } from '@tensorflow/tfjs-core';
import { checkData, makeBatch } from './batches.ts';
import { scoreBatch } from './cross-entropy.ts';
import { TrainingError } from './errors.ts';
import { nextTask } from './next-task.ts';
import { TrainableNet } from './trainable-net.ts';
import type { TrainingSet } from './training-set.ts';

export interface Evaluation {
  readonly images: number;
  /** Share of images whose highest score is that of their label, 0..1. */
  readonly accuracy: number;
  /** Mean softmax cross-entropy, nats. */
  readonly loss: number;
  /** [label][predicted]: numbers of images. */
  readonly confusion: readonly (readonly number[])[];
  /** Share of each label's images, 0..1; NaN where there is none. */
  readonly accuracyByClass: readonly number[];
}

export interface EvaluateOptions {
  /** Images to take, as indices into the set; default all. */
  readonly indices?: ArrayLike<number>;
  /** Images at a time; default 100. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/**
 * How well a net classifies a data set, on the active TensorFlow.js backend, without augmentation or dropout.
 *
 * @throws TrainingError when the data do not fit the graph or there is no image; the signal's reason when aborted.
 */
export async function evaluate(
  graph: LayerGraph | TrainableNet,
  data: TrainingSet,
  { indices = allOf(data), batchSize = 100, signal }: EvaluateOptions = {},
): Promise<Evaluation> {
  const net = graph instanceof TrainableNet ? graph : new TrainableNet(graph);
  try {
    checkData(net.graph, data, net.classes);
    if (!(indices.length > 0 && Number.isInteger(batchSize) && batchSize >= 1)) {
      throw new TrainingError({
        asked: 'evaluation',
        got: `${indices.length} images in batches of ${batchSize}`,
        allowed: 'at least one image, batches of at least one',
      });
    }
    const confusion = data.classNames.map(() => data.classNames.map(() => 0));
    let loss = 0;
    let correct = 0;
    for (let begin = 0; begin < indices.length; begin += batchSize) {
      signal?.throwIfAborted();
      const chosen = Array.prototype.slice.call(indices, begin, begin + batchSize) as number[];
      const { labels, logits } = await scores(net, data, chosen);
      const score = scoreBatch(logits, labels, 0, (position, predicted) => {
        confusion[labels[position]!]![predicted]!++;
      });
      loss += score.loss;
      correct += score.correct;
      await nextTask();
    }
    return {
      images: indices.length,
      accuracy: correct / indices.length,
      loss: loss / indices.length,
      confusion,
      accuracyByClass: confusion.map((row, label) => row[label]! / row.reduce((a, b) => a + b, 0)),
    };
  } finally {
    if (net !== graph) net.dispose();
  }
}

async function scores(
  net: TrainableNet,
  data: TrainingSet,
  indices: readonly number[],
): Promise<{ labels: Int32Array; logits: Float32Array }> {
  const { images, labels } = makeBatch(net.graph, data, indices);
  const input = tensor4d(images, [indices.length, data.height, data.width, data.channels]);
  const logits = net.predict(input);
  input.dispose();
  try {
    return { labels, logits: (await logits.data()) as Float32Array };
  } finally {
    logits.dispose();
  }
}

function allOf(data: TrainingSet): Uint32Array {
  return Uint32Array.from({ length: data.count }, (_, i) => i);
}
