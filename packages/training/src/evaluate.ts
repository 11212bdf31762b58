import type { LayerGraph } from '@clearmaps/deconvnet';
import { add, mul, reverse, type Tensor2D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { checkData, makeBatch } from './batches.ts';
import { scoreBatch } from './cross-entropy.ts';
import { TrainingError } from './errors.ts';
import { nextTask } from './next-task.ts';
import { TrainableNet } from './trainable-net.ts';
import { areFeatureMaps, type TrainingSet } from './training-set.ts';

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
  /** Decides each image by the mean of the class scores of it and of its mirror image; default by its own. */
  readonly mirrorAtTest?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * How well a net classifies a data set, on the active TensorFlow.js backend, without dropout or any change of
 * the images but their mirror images where these are asked for.
 *
 * @throws TrainingError when the data do not fit the graph, there is no image, or feature maps are to be mirrored; the
 *   signal's reason when aborted.
 */
export async function evaluate(
  graph: LayerGraph | TrainableNet,
  data: TrainingSet,
  { indices = allOf(data), batchSize = 100, mirrorAtTest = false, signal }: EvaluateOptions = {},
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
    if (mirrorAtTest && areFeatureMaps(data)) {
      throw new TrainingError({
        asked: `evaluation on ${data.name}, mirrored too`,
        got: 'feature maps',
        allowed: 'images',
      });
    }
    const confusion = data.classNames.map(() => data.classNames.map(() => 0));
    let loss = 0;
    let correct = 0;
    for (let begin = 0; begin < indices.length; begin += batchSize) {
      signal?.throwIfAborted();
      const chosen = Array.prototype.slice.call(indices, begin, begin + batchSize) as number[];
      const { labels, logits } = await scores(net, data, chosen, mirrorAtTest);
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
  mirrorAtTest: boolean,
): Promise<{ labels: Int32Array; logits: Float32Array }> {
  const { images, labels } = makeBatch(net.graph, data, indices);
  const input = tensor4d(images, [indices.length, data.height, data.width, data.channels]);
  const logits = tidy(() => {
    const plain = net.predict(input);
    return mirrorAtTest ? (mul(add(plain, net.predict(reverse(input, 2))), 0.5) as Tensor2D) : plain;
  });
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
