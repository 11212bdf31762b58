import type { LabelledImages } from '@clearmaps/datasets';
import { type LayerGraph, validateGraph } from '@clearmaps/deconvnet';
import { tensor4d } from '@tensorflow/tfjs-core';
import { makeBatch } from './batches.ts';
import { TrainingError } from './errors.ts';
import { TrainableNet } from './trainable-net.ts';

/** Computes what a trunk makes of images, on the active TensorFlow.js backend. */
export class FeatureExtractor {
  /** [h, w, c] of one map. */
  readonly shape: readonly [number, number, number];
  private readonly net: TrainableNet;

  /**
   * @param trunk see {@link divideNet}
   * @throws TrainingError when the trunk does not say how bytes become input; GraphError, UnsupportedLayerError as `validateGraph` does; GraphError when nothing in the trunk has weights
   */
  constructor(private readonly trunk: LayerGraph) {
    if (trunk.preprocessing === undefined) {
      throw new TrainingError({
        asked: `graph "${trunk.name}": preprocessing`,
        got: 'none',
        allowed: 'how bytes become input: channels, scale, mean, std',
      });
    }
    const output = trunk.layers.at(-1)!.name;
    this.shape = validateGraph(trunk).get(output) as typeof this.shape;
    const flat = { type: 'flatten', name: `${output}_flat`, inputs: [output] } as const;
    this.net = new TrainableNet({ ...trunk, layers: [...trunk.layers, flat] });
  }

  /** @returns [count, h, w, c] */
  async maps(images: LabelledImages): Promise<Float32Array> {
    const all = Array.from({ length: images.count }, (_, i) => i);
    const input = tensor4d(makeBatch(this.trunk, images, all).images, [
      images.count,
      ...this.trunk.inputShape,
    ]);
    const output = this.net.predict(input);
    input.dispose();
    try {
      return new Float32Array((await output.data()) as Float32Array);
    } finally {
      output.dispose();
    }
  }

  dispose(): void {
    this.net.dispose();
  }
}

/** The images with left and right exchanged. */
export function mirrored(set: LabelledImages): LabelledImages {
  const { width, channels } = set;
  const images = new Uint8Array(set.images.length);
  for (let row = 0; row < images.length; row += width * channels) {
    for (let x = 0; x < width; x++) {
      const from = row + x * channels;
      images.set(set.images.subarray(from, from + channels), row + (width - 1 - x) * channels);
    }
  }
  return { ...set, images };
}
