import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { mulberry32 } from '@clearmaps/random';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { heNormal } from '../src/he-init.ts';

/** The answer of tfjs-layers to one image. */
export async function predict(
  model: tfl.LayersModel,
  graph: LayerGraph,
  image: Float32Array,
): Promise<Float32Array> {
  const input = tf.tensor4d(image, [1, ...graph.inputShape]);
  const output = model.predict(input) as tf.Tensor;
  const values = (await output.data()) as Float32Array;
  tf.dispose([input, output]);
  return values;
}

export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-5): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < got.length; i++) expect(Math.abs(got[i]! - want[i]!)).toBeLessThanOrEqual(tolerance);
}

/** The artifacts that tfjs-layers would save for a model, its JSON parsed from text as a file's would be. */
export async function saved(model: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (all) => {
      artifacts = { ...all, modelTopology: JSON.parse(JSON.stringify(all.modelTopology)) };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return artifacts;
}

/** Writes `model.json` and its weights, beside other files, as a download from a page has them. */
export async function writeExport(
  folder: string,
  model: tfl.LayersModel,
  others: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { modelTopology, weightSpecs, weightData } = await saved(model);
  const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  await writeFile(join(folder, 'weights.bin'), Buffer.from(weightData as ArrayBuffer));
  const files = { ...others, 'model.json': { modelTopology, weightsManifest } };
  for (const [name, json] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(json));
}

/** Gives all weights values as a trained net might have: none is zero, variances are positive. */
export function scrambled(model: tfl.LayersModel): tfl.LayersModel {
  const next = mulberry32(7);
  const tensors = model.weights.map((weight) => {
    const values = new Float32Array(weight.shape.reduce<number>((a, b) => a * b!, 1));
    heNormal(values, 8, next);
    const isVariance = weight.originalName.includes('variance');
    return tf.tensor(
      isVariance ? values.map((value) => 0.5 + value * value) : values,
      weight.shape as number[],
    );
  });
  model.setWeights(tensors);
  tf.dispose(tensors);
  return model;
}
