import {
  add,
  addN,
  avgPool,
  concat,
  fused,
  matMul,
  maxPool,
  mean,
  relu,
  reshape,
  step,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import { INPUT, type Layer, type LayerType, type SoftmaxLayer } from './layer-graph.ts';
import { asSpatial, type PreparedGraph } from './prepared-graph.ts';
import { findSwitches } from './switches.ts';

/** What the way back reads of the forward pass. The owner disposes it. */
export interface ForwardTrace {
  /** Images in the batch. */
  readonly batch: number;
  /** z_L, [B, h, w, N]. */
  readonly featureMap: Tensor4D;
  /** [B, N], before the softmax. */
  readonly logits: Tensor2D;
  /** Of each max pool: one mask a tile, see {@link findSwitches}. */
  readonly switches: ReadonlyMap<string, readonly Tensor4D[]>;
  /** Of each ReLU, where the rule asks for it: 1 where its input was > 0, in the shape of its output. */
  readonly reluMasks: ReadonlyMap<string, Tensor>;
  /** What it takes on the backend. */
  readonly bytes: number;
  dispose(): void;
}

export interface TraceOptions {
  /** Needed for the way back; a prediction alone does without. */
  readonly switches: boolean;
  /** Needed by rules that mask. */
  readonly reluMasks: boolean;
}

type Run<L extends Layer> = (prepared: PreparedGraph, layer: L, inputs: readonly Tensor[]) => Tensor;

const FORWARD: { [T in Exclude<LayerType, 'softmax'>]: Run<Extract<Layer, { type: T }>> } = {
  conv2d: (prepared, layer, [x]) => {
    const { y, x: columns } = prepared.convGeometry(layer);
    return fused.conv2d({
      x: x as Tensor4D,
      filter: prepared.kernel(layer.name) as Tensor4D,
      strides: layer.strides as [number, number],
      // Not 'same': XNNPACK would count the padding itself, unsigned, and wrap round where strides leave gaps.
      pad: [
        [0, 0],
        [y.padBefore, y.padAfter],
        [columns.padBefore, columns.padAfter],
        [0, 0],
      ],
      dilations: (layer.dilations ?? [1, 1]) as [number, number],
      bias: prepared.bias(layer.name),
      activation: prepared.fusedRelu.has(layer.name) ? 'relu' : 'linear',
    });
  },
  relu: (_prepared, _layer, [x]) => relu(x!),
  maxPool2d: (_prepared, layer, [x]) =>
    maxPool(
      x as Tensor4D,
      layer.poolSize as [number, number],
      layer.strides as [number, number],
      layer.padding,
    ),
  averagePool2d: (_prepared, layer, [x]) =>
    avgPool(
      x as Tensor4D,
      layer.poolSize as [number, number],
      layer.strides as [number, number],
      layer.padding,
    ),
  globalAveragePool2d: (_prepared, _layer, [x]) => mean(x!, [1, 2]),
  dense: (prepared, layer, [x]) => {
    const product = matMul(x as Tensor2D, prepared.kernel(layer.name) as Tensor2D);
    const bias = prepared.bias(layer.name) as Tensor1D | undefined;
    return bias ? add(product, bias) : product;
  },
  flatten: (_prepared, _layer, [x]) => reshape(x!, [x!.shape[0]!, -1]),
  add: (_prepared, _layer, inputs) => addN([...inputs]),
  concat: (_prepared, _layer, inputs) => concat([...inputs], -1),
  dropout: (_prepared, _layer, [x]) => forAnotherOwner(x!),
};

/**
 * Runs the net up to its class scores, keeping what the way back needs and freeing the rest as it goes.
 *
 * @param images [B, H, W, C] on the active backend; not disposed
 */
export function runForward(prepared: PreparedGraph, images: Tensor4D, options: TraceOptions): ForwardTrace {
  const { graph, featureMap, fusedRelu, consumers } = prepared;
  const outputs = new Map<string, Tensor>([[INPUT, forAnotherOwner(images)]]);
  const pending = new Map([...consumers].map(([name, users]) => [name, users.length]));
  const switches = new Map<string, Tensor4D[]>();
  const reluMasks = new Map<string, Tensor>();
  const owned: Tensor[] = [];
  const wanted = new Set([featureMap.layer, featureMap.logits]);
  const fusedInto = new Set(fusedRelu.values());

  const runLayer = (layer: Exclude<Layer, SoftmaxLayer>): void => {
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    // A fused convolution already gave its ReLU's output, under its own name.
    const output = fusedInto.has(layer.name)
      ? forAnotherOwner(inputs[0]!)
      : tidy(() => (FORWARD[layer.type] as Run<Layer>)(prepared, layer, inputs));
    outputs.set(layer.name, output);
    if (layer.type === 'maxPool2d' && options.switches) {
      const found = findSwitches(prepared.poolPhases(layer.name), inputs[0] as Tensor4D, output as Tensor4D);
      switches.set(layer.name, found);
      owned.push(...found);
    }
    if (layer.type === 'relu' && options.reluMasks) {
      const mask = step(output);
      reluMasks.set(layer.name, mask);
      owned.push(mask);
    }
    for (const name of layer.inputs) {
      const left = pending.get(name)! - 1;
      pending.set(name, left);
      if (left === 0 && !wanted.has(name)) outputs.get(name)!.dispose();
    }
  };
  const release = (tensors: Iterable<Tensor>): void => {
    for (const tensor of tensors) if (!tensor.isDisposed) tensor.dispose();
  };

  try {
    for (const layer of graph.layers) if (layer.type !== 'softmax') runLayer(layer);
  } catch (error) {
    release([...outputs.values(), ...owned]);
    throw error;
  }
  const featureMapOutput = outputs.get(featureMap.layer)!;
  const logitsOutput = outputs.get(featureMap.logits)!;
  const batch = images.shape[0];
  const trace = {
    batch,
    featureMap: asSpatial(featureMapOutput),
    logits: reshape(logitsOutput, [batch, -1]) as Tensor2D,
    switches,
    reluMasks,
  };
  const values = [trace.featureMap, trace.logits, ...owned].reduce((sum, { size }) => sum + size, 0);
  release(outputs.values());
  return {
    ...trace,
    bytes: values * Float32Array.BYTES_PER_ELEMENT,
    dispose() {
      trace.featureMap.dispose();
      trace.logits.dispose();
      for (const tensor of owned) tensor.dispose();
    },
  };
}
