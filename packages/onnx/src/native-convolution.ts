import { availableParallelism } from 'node:os';
import { GraphError, GraphPlan, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { GraphBuilder } from './graph-builder.ts';
import type { NativeExplainerOptions } from './native-explainer.ts';
import { Net } from './net.ts';
import { loadRuntime } from './runtime.ts';
import { sweepGroups } from './sweep-groups.ts';
import { convAttributes } from './window-attributes.ts';

/** One convolution of a net alone in onnxruntime-node: what a machine can do at most, to measure the engine by. */
export interface NativeConvolution {
  /** As many at a time as the engine's sweep has classes. */
  readonly images: number;
  /** Convolves the same noise each time. */
  run(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * @param layer name of a conv2d layer of the graph
 * @throws GraphError, UnsupportedLayerError where the graph is wrong; MissingRuntimeError where onnxruntime-node is
 *   not installed.
 */
export async function createNativeConvolution(
  graph: LayerGraph,
  layer: string,
  { threads = availableParallelism() }: Pick<NativeExplainerOptions, 'threads'> = {},
): Promise<NativeConvolution> {
  const plan = new GraphPlan(graph);
  const conv = plan.layers.get(layer);
  if (conv?.type !== 'conv2d') {
    throw new GraphError({
      asked: `a convolution of "${graph.name}"`,
      got: `layer "${layer}" (${conv?.type})`,
    });
  }
  const every = Array.from({ length: plan.classCount }, (_, c) => c);
  const images = sweepGroups(plan, every)[0]!.length;
  const builder = new GraphBuilder();
  const [height, width, channels] = plan.spatialShape(conv.inputs[0]!);
  const shape = [images, channels, height, width];
  const image = builder.input('image', 'float32', shape, '');
  const kernel = new Net(plan, builder).kernel(conv);
  const convolved = builder.op('Conv', [image, kernel], convAttributes(plan, conv));
  // One number out: copying a whole response to JavaScript takes as long as making it.
  const largest = builder.op('ReduceMax', [convolved], { keepdims: 0 });
  builder.output(largest, { name: 'largest', type: 'float32', shape: [], description: '' });
  const session = await (await loadRuntime(threads)).open(
    builder.encode({ name: layer, description: '', metadata: {} }),
  );
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random());
  return {
    images,
    async run() {
      await session.run({ image: { shape, data } });
    },
    dispose: () => session.release(),
  };
}
