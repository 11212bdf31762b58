import type { GraphPlan } from './graph-plan.ts';
import { layerCost } from './layer-cost.ts';
import { type Conv2dLayer, INPUT } from './layer-graph.ts';
import type { PlanLayer } from './pool-last.ts';
import { isRectifier } from './rectifiers.ts';
import { type BackProjectionRule, DEFAULT_RULE, RULES } from './rules.ts';
import { DEFAULT_SEED, type Seed } from './seeds.ts';
import { wayBack } from './way-back.ts';

/**
 * Floating-point operations of one layer's forward pass on one image: two for each multiply-add of a convolution or
 * a dense layer, see {@link layerCost}. All else (biases, ReLUs, pools, sums) counts nothing: it is below one in a
 * hundred of a convolutional net's operations.
 */
export function layerFlops(plan: GraphPlan, layer: PlanLayer): number {
  return 2 * layerCost(layer, plan.shapes.get(layer.name)!).multiplyAdds;
}

/** Of a forward pass on one image. */
export function forwardFlops(plan: GraphPlan): number {
  return total(plan, [...plan.layers.values()]);
}

export interface SweepWork {
  /** Default {@link DEFAULT_RULE}. */
  readonly rule?: BackProjectionRule;
  /** Default {@link DEFAULT_SEED}. */
  readonly seed?: Seed;
  /** Whether the channels of the image are summed in the kernels that read it, as the native engine does for maps. */
  readonly sumsImage?: boolean;
}

/**
 * Of the way back of one class, one image, on dense responses: each multiply-add of the way forward between image
 * and feature map has one on the way back. N classes and the forward pass of a net without a branch off that way
 * are N + 1 forward passes: equal work, what a class-by-class method cannot go below.
 */
export function denseSweepFlops(plan: GraphPlan): number {
  return total(plan, wayBack(plan));
}

/**
 * Of the way back of one class, one image, as the engines really go it. While the response is one map times one
 * vector (separable-tail.ts) dense layers and 1x1 convolutions act on the vector, and the first larger convolution
 * takes one channel in instead of all. What that makes of kernels and vectors is left out: it is known before an
 * image comes, so the count is on the low side. Zeros that an unpooling leaves are multiplied, and counted, like
 * any other number.
 */
export function sweepFlops(plan: GraphPlan, work: SweepWork = {}): number {
  const tail = separableTail(plan, work);
  let flops = 0;
  for (const layer of wayBack(plan)) {
    if (tail.vectors.has(layer)) continue;
    const channelsOut = layer === tail.contracted ? tail.contracted.kernel.shape[3]! : 1;
    const summed = work.sumsImage && layer.type === 'conv2d' && layer.inputs[0] === INPUT;
    flops += layerFlops(plan, layer) / channelsOut / (summed ? layer.kernel.shape[2]! : 1);
  }
  return flops;
}

/** The first of the convolutions that cost most; undefined in a net that has none. */
export function largestConvolution(plan: GraphPlan): Conv2dLayer | undefined {
  let largest: Conv2dLayer | undefined;
  for (const layer of plan.layers.values()) {
    if (layer.type !== 'conv2d') continue;
    if (largest === undefined || layerFlops(plan, layer) > layerFlops(plan, largest)) largest = layer;
  }
  return largest;
}

function total(plan: GraphPlan, layers: readonly PlanLayer[]): number {
  return layers.reduce((sum, layer) => sum + layerFlops(plan, layer), 0);
}

interface SeparableTail {
  /** Layers that act on a class's vector alone. */
  readonly vectors: ReadonlySet<PlanLayer>;
  /** The convolution whose kernel is contracted with that vector. */
  readonly contracted?: Conv2dLayer;
}

function separableTail(
  plan: GraphPlan,
  { rule = DEFAULT_RULE, seed = DEFAULT_SEED }: SweepWork,
): SeparableTail {
  const { masks, rectifies } = RULES[rule];
  const vectors = new Set<PlanLayer>();
  let positive = seed !== 'activation';
  let at = plan.featureMap.layer;
  for (;;) {
    const layer = plan.layers.get(at);
    if (layer?.type === 'dense' || (layer?.type === 'conv2d' && plan.isPointwise(layer))) {
      vectors.add(layer);
    } else if (layer?.type === 'conv2d' && (layer.groups ?? 1) === 1) {
      return { vectors, contracted: layer };
    } else if (isRectifier(layer) && vectors.size === 0) {
      positive ||= rectifies && layer.type !== 'leakyRelu';
    } else if (isRectifier(layer) ? masks || (rectifies && !positive) : layer?.type !== 'dropout') {
      return { vectors };
    }
    at = layer!.inputs[0]!;
  }
}
