import { GraphPlan, INPUT, type Layer, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { createNativeExplainer } from '@clearmaps/onnx';
import { describe, expect, it } from 'vitest';
import { onEachBackend } from '../../deconvnet/test/backends.ts';
import { oneConvNet } from '../../deconvnet/test/one-conv-net.ts';
import { openClassActivation } from '../src/class-activation.ts';
import type { OpenEngine } from '../src/index.ts';
import { openTfjs } from './tfjs-engine.ts';
import { withMethod } from './with-method.ts';

/** ReLU(ReLU(x1 - 1) - ReLU(x2)), of one pixel with two channels. */
function twoInputs(): LayerGraph {
  const conv = (name: string, input: string, kernel: readonly number[], bias?: readonly number[]): Layer => ({
    type: 'conv2d',
    name,
    inputs: [input],
    kernel: { shape: [1, 1, 2, kernel.length / 2], values: Float32Array.from(kernel) },
    ...(bias && { bias: { shape: [bias.length], values: Float32Array.from(bias) } }),
    strides: [1, 1],
    padding: 'valid',
  });
  return {
    name: 'two inputs',
    inputShape: [1, 1, 2],
    layers: [
      conv('shifted', INPUT, [1, 0, 0, 1], [-1, 0]),
      { type: 'relu', name: 'rectified', inputs: ['shifted'] },
      conv('difference', 'rectified', [1, -1]),
      { type: 'relu', name: 'score', inputs: ['difference'] },
    ],
  };
}

function handChecks(open: OpenEngine): void {
  // Sundararajan et al. 2017 and Captum's toy nets: on the straight path from 0 the score rises over the second half.
  it('integrated gradients of ReLU(ReLU(x1 - 1) - ReLU(x2)) at [3, 1] are [1.5, -0.5]', () =>
    withMethod({ method: 'integrated-gradients', graph: twoInputs(), open }, async (running) => {
      const answer = await running.explain(Float32Array.from([3, 1]), { responses: true });
      expect(answer.logits[0]).toBeCloseTo(1, 6);
      expect(answer.responses![0]).toBeCloseTo(1.5, 5);
      expect(answer.responses![1]).toBeCloseTo(-0.5, 5);
      expect(answer.completenessError![0]).toBeCloseTo(0, 5);
    }));

  it('Grad-CAM of the one-conv net at its convolution is [[11.25, 13.5], [20.25, 22.5]] for every class', async () => {
    const opened: Awaited<ReturnType<OpenEngine>>[] = [];
    const activation = await openClassActivation({
      plan: new GraphPlan(oneConvNet()),
      options: { layer: 'conv' },
      open: async (graph) => {
        const engine = await open(graph);
        opened.push(engine);
        return engine;
      },
    });
    const maps = await activation.maps({
      image: Float32Array.from({ length: 16 }, (_, i) => i),
      classes: [0, 3],
    });
    expect(activation.size).toEqual([2, 2]);
    [11.25, 13.5, 20.25, 22.5, 11.25, 13.5, 20.25, 22.5].forEach((value, i) => {
      expect(maps[i]).toBeCloseTo(value, 4);
    });
    for (const engine of opened) await engine.dispose();
  });
}

onEachBackend(() => handChecks(openTfjs));
describe('on onnxruntime', () => handChecks((graph) => createNativeExplainer(graph, { threads: 1 })));
