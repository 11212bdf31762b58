import { createExplainer, type LayerGraph, type Prediction } from '@clearmaps/deconvnet';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type { Engine, OpenEngine } from '../src/index.ts';

/** The engine of TensorFlow.js on whatever backend is active. */
export const openTfjs = (graph: LayerGraph): Engine => createExplainer(graph);

/** The same, with a say in how it scores changed windows, and in how many calls at once. */
export function openTfjsScoring(
  callsAtOnce: number,
  predictChanges: (engine: Engine, ...asked: Parameters<Engine['predictChanges']>) => Promise<Prediction>,
): OpenEngine {
  return (graph) => {
    const engine = openTfjs(graph);
    return {
      predict: (input) => engine.predict(input),
      featureMap: (input) => engine.featureMap(input),
      explain: (input, options) => engine.explain(input, options),
      dispose: () => engine.dispose(),
      callsAtOnce,
      predictChanges: (...asked) => predictChanges(engine, ...asked),
    };
  };
}

/** d logit_c / d x by autodiff, [n, H, W, C], of a function that gives [1, N] scores of [1, H, W, C]. */
export function autodiff(
  scores: (x: tf.Tensor4D) => tf.Tensor2D,
  image: Float32Array,
  shape: readonly [number, number, number],
  classes: readonly number[],
): Float32Array {
  const gradients = classes.map((c) => {
    const gradient = tf.tidy(() =>
      tf.grad((x) => tf.sum(tf.slice(scores(x as tf.Tensor4D), [0, c], [1, 1])))(
        tf.tensor4d(image, [1, ...shape]),
      ),
    );
    const values = gradient.dataSync<'float32'>();
    gradient.dispose();
    return [...values];
  });
  return Float32Array.from(gradients.flat());
}
