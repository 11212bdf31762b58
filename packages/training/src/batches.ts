import type { Split } from '@clearmaps/datasets';
import type { LayerGraph, Preprocessing } from '@clearmaps/deconvnet';
import { Random } from '@clearmaps/random';
import { type AugmentationOptions, augmentImage } from './augmentation.ts';
import { TrainingError } from './errors.ts';
import type { Batch } from './trainer.ts';
import { areFeatureMaps, type TrainingSet } from './training-set.ts';

export interface BatchAugmentation {
  readonly options: AugmentationOptions;
  /** The stream of an image is (...path, its index in the set): it does not depend on its place in a batch. */
  readonly path: readonly number[];
  /** The numbers that name the streams in place of the indices, one an image of the batch. */
  readonly streams?: ArrayLike<number>;
}

/**
 * Chosen images as network input: augmented if asked for, then preprocessed as the graph says. Feature maps are taken
 * as they are.
 *
 * @param indices into the set
 */
export function makeBatch(
  graph: LayerGraph,
  data: TrainingSet,
  indices: ArrayLike<number>,
  augmentation?: BatchAugmentation,
): Batch {
  const { height, width, channels } = data;
  const size = height * width * channels;
  const images = new Float32Array(indices.length * size);
  const labels = Int32Array.from({ length: indices.length }, (_, i) => data.labels[indices[i]!]!);
  if (areFeatureMaps(data)) {
    for (let i = 0; i < indices.length; i++) {
      images.set(data.images.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size);
    }
    return { images, labels };
  }
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    const source = data.images.subarray(index * size, (index + 1) * size);
    const target = images.subarray(i * size, (i + 1) * size);
    if (augmentation) {
      const { options, path, streams = indices } = augmentation;
      augmentImage(source, target, data, options, Random.stream(...path, streams[i]!));
    } else {
      target.set(source);
    }
  }
  preprocess(images, channels, graph.preprocessing!);
  return { images, labels };
}

/** (value * scale - mean) / std, in place; exchanges the first and third channel for 'bgr'. */
function preprocess(
  values: Float32Array,
  channels: number,
  { channels: order, scale, mean, std }: Preprocessing,
): void {
  if (order === 'bgr') {
    for (let i = 0; i < values.length; i += 3) {
      const red = values[i]!;
      values[i] = values[i + 2]!;
      values[i + 2] = red;
    }
  }
  for (let channel = 0; channel < channels; channel++) {
    const factor = scale / std[channel]!;
    const offset = mean[channel]! / std[channel]!;
    for (let i = channel; i < values.length; i += channels) values[i] = values[i]! * factor - offset;
  }
}

/** @throws TrainingError when the images or their classes do not fit the graph, or it does not say how bytes become input. */
export function checkData(
  graph: LayerGraph,
  data: TrainingSet,
  classes: number,
  augmentation?: AugmentationOptions | null,
): void {
  const size = [data.height, data.width, data.channels];
  if (String(size) !== String(graph.inputShape)) {
    throw new TrainingError({
      asked: `images of ${data.name} for graph "${graph.name}"`,
      got: `[${size}]`,
      allowed: `[${graph.inputShape}], the graph's inputShape`,
      remedy: 'Resize the images, or build the net for their size.',
    });
  }
  const channels = graph.preprocessing && (graph.preprocessing.channels === 'gray' ? 1 : 3);
  if (areFeatureMaps(data)) {
    if (augmentation) {
      throw new TrainingError({
        asked: `augmentation of ${data.name}`,
        got: 'feature maps',
        allowed: 'images, or no augmentation',
      });
    }
  } else if (channels !== data.channels) {
    throw new TrainingError({
      asked: `graph "${graph.name}": preprocessing`,
      got: graph.preprocessing ? `channels "${graph.preprocessing.channels}"` : 'none',
      allowed: data.channels === 1 ? 'channels "gray"' : 'channels "rgb" or "bgr"',
    });
  }
  if (data.classNames.length !== classes) {
    throw new TrainingError({
      asked: `classes of ${data.name} for graph "${graph.name}"`,
      got: `${data.classNames.length}`,
      allowed: `${classes}, one an output of the graph`,
    });
  }
}

/**
 * @param mayHoldNone whether the held-out part may be empty, because other data are measured on
 * @throws TrainingError when a part of the split is empty or points past the images.
 */
export function checkSplit(data: TrainingSet, { train, heldOut }: Split, mayHoldNone = false): void {
  for (const [part, indices] of Object.entries({ train, heldOut })) {
    const wrong = indices.find((index) => !(index < data.count));
    const mayBeEmpty = part === 'heldOut' && mayHoldNone;
    if ((indices.length > 0 || mayBeEmpty) && wrong === undefined) continue;
    throw new TrainingError({
      asked: `split of ${data.name}: ${part}`,
      got: wrong === undefined ? 'no images' : `image ${wrong}`,
      allowed: `at least one of the images 0..${data.count - 1}`,
      remedy: 'Split the labels of the data set that is trained on.',
    });
  }
}
