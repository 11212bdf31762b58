import {
  add,
  addN,
  concat,
  mean,
  mul,
  pad,
  reshape,
  sub,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import { type Fraction, fractionsOf, tensorsOf } from './fractions.ts';
import { INPUT, type SoftmaxLayer } from './layer-graph.ts';
import { GIVEN, type Share } from './layer-rules.ts';
import { runLinear } from './linear-layer.ts';
import { pool } from './pool.ts';
import type { MeanGateLayer, PlanLayer, PlanLayerType } from './pool-last.ts';
import { asSpatial, type PreparedGraph } from './prepared-graph.ts';
import { isRectifier } from './rectifiers.ts';
import { rectify, slopeOf } from './rectify.ts';
import type { Steps } from './steps.ts';
import { findSwitches } from './switches.ts';
import type { WindowGeometry } from './window-geometry.ts';

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
  /**
   * Of each rectifier, where the rule asks for it, its slope at its input: for a ReLU 1 where that was > 0, else 0.
   * In the shape of its output; those of {@link MeanGateLayer}s, under any rule, as [B, 1, 1, C].
   */
  readonly slopes: ReadonlyMap<string, Tensor>;
  /** Of each layer that has shares. */
  readonly fractions: ReadonlyMap<string, readonly Fraction[]>;
  /** What each layer to keep gave, [B, h, w, c]. */
  readonly kept: ReadonlyMap<string, Tensor4D>;
  /** What it takes on the backend. */
  readonly bytes: number;
  dispose(): void;
}

export interface TraceOptions {
  /** Needed for the way back; a prediction alone does without. */
  readonly switches: boolean;
  /** Needed by rules that mask. */
  readonly slopes: boolean;
  /** Of layers, see `relevanceShares`: needed by rules that propagate relevance. */
  readonly shares?: ReadonlyMap<string, readonly Share[]>;
  /** Layers whose outputs are wanted; the input may be among them. */
  readonly keep?: readonly string[];
}

interface RunOptions {
  /** Convolutions that run as one op with the rectifier after them. */
  readonly fusedRelu: PreparedGraph['fusedRelu'];
  /** Of a layer with windows; default where these lie on whole maps. */
  readonly geometry?: WindowGeometry;
}

type Run<L extends PlanLayer> = (
  prepared: PreparedGraph,
  layer: L,
  inputs: readonly Tensor[],
  options: RunOptions,
) => Tensor;

const FORWARD: { [T in Exclude<PlanLayerType, 'softmax'>]: Run<Extract<PlanLayer, { type: T }>> } = {
  conv2d: (prepared, layer, [x], { fusedRelu, geometry }) =>
    runLinear(prepared, layer, x!, {
      kernel: GIVEN,
      bias: true,
      activation: fusedRelu.get(layer.name)?.type ?? 'linear',
      geometry,
    }),
  affine: (prepared, layer, [x]) => {
    const scaled = mul(x!, prepared.weight(layer.name, 'scale')!);
    const shift = prepared.weight(layer.name, 'shift');
    return shift ? add(scaled, shift) : scaled;
  },
  relu: (_prepared, layer, [x]) => rectify(layer, x!),
  relu6: (_prepared, layer, [x]) => rectify(layer, x!),
  leakyRelu: (_prepared, layer, [x]) => rectify(layer, x!),
  meanGate: (_prepared, layer, [x]) => {
    const { at, slope } = gateOf(layer, x as Tensor4D);
    return add(mul(x!, slope), sub(rectify(layer.rectifier, at), mul(at, slope)));
  },
  zeroPadding2d: (_prepared, { padding: [rows, columns] }, [x]) =>
    pad(x as Tensor4D, [[0, 0], [...rows], [...columns], [0, 0]]),
  maxPool2d: (prepared, layer, [x], { geometry }) =>
    pool(layer, x as Tensor4D, geometry ?? prepared.poolGeometry(layer)),
  averagePool2d: (prepared, layer, [x], { geometry }) =>
    pool(layer, x as Tensor4D, geometry ?? prepared.poolGeometry(layer)),
  globalAveragePool2d: (_prepared, _layer, [x]) => mean(x!, [1, 2]),
  dense: (prepared, layer, [x]) =>
    runLinear(prepared, layer, x!, { kernel: GIVEN, bias: true, activation: 'linear' }),
  flatten: (_prepared, _layer, [x]) => reshape(x!, [x!.shape[0]!, -1]),
  add: (_prepared, _layer, inputs) => addN([...inputs]),
  concat: (_prepared, _layer, inputs) => concat([...inputs], -1),
  dropout: (_prepared, _layer, [x]) => forAnotherOwner(x!),
};

/** The output of one layer; the caller owns it. A fused convolution gives its rectifier's, which passes it on. */
export function runLayer(
  prepared: PreparedGraph,
  layer: Exclude<PlanLayer, SoftmaxLayer>,
  inputs: readonly Tensor[],
  options: RunOptions,
): Tensor {
  if (options.fusedRelu.get(layer.inputs[0]!)?.name === layer.name) return forAnotherOwner(inputs[0]!);
  return tidy(() => (FORWARD[layer.type] as Run<PlanLayer>)(prepared, layer, inputs, options));
}

/** The means of the maps, [B, 1, 1, C], and the slope there. */
function gateOf({ rectifier }: MeanGateLayer, x: Tensor4D): { at: Tensor; slope: Tensor } {
  const at = mean(x, [1, 2], true);
  return { at, slope: slopeOf(rectifier, rectify(rectifier, at)) };
}

/**
 * Runs the net up to its class scores, a step a layer, keeping what the way back needs and freeing the rest as it goes.
 *
 * @param images [B, H, W, C] on the active backend; not disposed
 */
export function* runForward(
  prepared: PreparedGraph,
  images: Tensor4D,
  options: TraceOptions,
): Steps<ForwardTrace> {
  const { layers, featureMap, consumers } = prepared;
  // Fused, a convolution never has an output of its own.
  const { keep = [] } = options;
  const fusedRelu = new Map([...prepared.fusedRelu].filter(([name]) => !keep.includes(name)));
  const outputs = new Map<string, Tensor>([[INPUT, forAnotherOwner(images)]]);
  const pending = new Map([...consumers].map(([name, users]) => [name, users.length]));
  const switches = new Map<string, Tensor4D[]>();
  const slopes = new Map<string, Tensor>();
  const fractions = new Map<string, Fraction[]>();
  const owned: Tensor[] = [];
  const wanted = new Set([featureMap.layer, featureMap.logits, ...keep]);

  const run = (layer: Exclude<PlanLayer, SoftmaxLayer>): void => {
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    const output = runLayer(prepared, layer, inputs, { fusedRelu });
    outputs.set(layer.name, output);
    if (layer.type === 'maxPool2d' && options.switches) {
      const found = findSwitches(prepared.poolPhases(layer.name), inputs[0] as Tensor4D, output as Tensor4D);
      switches.set(layer.name, found);
      owned.push(...found);
    }
    const slope =
      layer.type === 'meanGate' && options.switches
        ? tidy(() => gateOf(layer, inputs[0] as Tensor4D).slope)
        : isRectifier(layer) && options.slopes
          ? slopeOf(layer, output)
          : undefined;
    if (slope !== undefined) {
      slopes.set(layer.name, slope);
      owned.push(slope);
    }
    const shares = options.shares?.get(layer.name);
    if (shares !== undefined) {
      const found = fractionsOf(prepared, layer, shares, inputs, output);
      fractions.set(layer.name, found);
      owned.push(...tensorsOf(found));
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

  let arrived = false;
  try {
    for (const layer of layers.values()) {
      if (layer.type === 'softmax') continue;
      run(layer);
      yield;
    }
    arrived = true;
  } finally {
    if (!arrived) release([...outputs.values(), ...owned]);
  }
  const featureMapOutput = outputs.get(featureMap.layer)!;
  const logitsOutput = outputs.get(featureMap.logits)!;
  const batch = images.shape[0];
  const trace = {
    batch,
    featureMap: asSpatial(featureMapOutput),
    logits: reshape(logitsOutput, [batch, -1]) as Tensor2D,
    switches,
    slopes,
    fractions,
    kept: new Map(keep.map((name) => [name, asSpatial(outputs.get(name)!)])),
  };
  const values = [trace.featureMap, trace.logits, ...trace.kept.values(), ...owned].reduce(
    (sum, { size }) => sum + size,
    0,
  );
  release(outputs.values());
  return {
    ...trace,
    bytes: values * Float32Array.BYTES_PER_ELEMENT,
    dispose() {
      trace.featureMap.dispose();
      trace.logits.dispose();
      for (const tensor of [...trace.kept.values(), ...owned]) tensor.dispose();
    },
  };
}
