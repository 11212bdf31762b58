import { ExplainError } from './errors.ts';
import type { GraphPlan } from './graph-plan.ts';
import { type Conv2dLayer, type DenseLayer, INPUT } from './layer-graph.ts';
import { GIVEN, LAYER_RULES, type LayerRule, type Share } from './layer-rules.ts';
import { neverNegative } from './never-negative.ts';
import type { PlanLayer } from './pool-last.ts';
import { wayBack } from './way-back.ts';

/** A rule, and the layers that it is for: those that fit everything said. */
export interface LayerRuleChoice {
  readonly type?: 'conv2d' | 'dense';
  /** 'first': takes the image itself, at most through zero padding, flatten or dropout. */
  readonly position?: 'first';
  readonly name?: string;
  readonly rule: LayerRule;
}

/**
 * Which rule for which convolution or dense layer: the first choice that fits. As data, so that it can be posted to a
 * worker.
 */
export type Composite = readonly LayerRuleChoice[];

/**
 * The shares of every layer of the way back that has some: convolutions and dense layers as the composite says;
 * average pools and sums in proportion to what they received.
 *
 * @throws ExplainError for a layer that no choice fits, a name that no layer has, an unknown rule, a number out of
 *   range.
 */
export function relevanceShares(
  plan: GraphPlan,
  composite: Composite,
): ReadonlyMap<string, readonly Share[]> {
  const unknown = composite.find(({ name }) => name !== undefined && !plan.layers.has(name));
  if (unknown !== undefined) refuse(`layer "${unknown.name}"`, 'no such layer', [...plan.layers.keys()]);
  const shares = new Map<string, readonly Share[]>();
  const positive = neverNegative(plan);
  for (const layer of wayBack(plan)) {
    if (layer.type === 'conv2d' || layer.type === 'dense') {
      const all = sharesOf(layerRuleOf(plan, layer, composite), plan);
      shares.set(layer.name, positive.has(layer.inputs[0]!) ? all.map(withoutNegatives) : all);
    } else if (['averagePool2d', 'globalAveragePool2d', 'add'].includes(layer.type)) {
      shares.set(layer.name, PROPORTIONAL);
    }
  }
  return shares;
}

/** What relevance goes through unchanged: layers that act on every value alone. */
export const isPassedByRelevance = ({ type }: PlanLayer): boolean =>
  ['relu', 'relu6', 'leakyRelu', 'meanGate', 'affine'].includes(type);

const PROPORTIONAL: readonly Share[] = [
  { factor: 1, wires: [{ input: 'given', kernel: GIVEN, bias: false }], epsilon: 0 },
];

/**
 * The rule by which a composite divides the relevance of a convolution or a dense layer.
 *
 * @param plan that of `planFor`
 * @throws ExplainError for a layer that no choice fits.
 */
export function layerRuleOf(
  plan: GraphPlan,
  layer: Conv2dLayer | DenseLayer,
  composite: Composite,
): LayerRule {
  // A dense layer behind a pooling runs as a convolution, and stays a dense layer to who wrote the graph.
  const { type } = plan.graph.layers.find(({ name }) => name === layer.name)!;
  const choice = composite.find(
    (one) =>
      (one.type === undefined || one.type === type) &&
      (one.name === undefined || one.name === layer.name) &&
      (one.position === undefined || takesImage(plan, layer)),
  );
  return (choice ?? refuse(`layer "${layer.name}" (${type})`, 'no rule that fits it', undefined)).rule;
}

function takesImage({ layers }: GraphPlan, layer: PlanLayer): boolean {
  let at = layer.inputs[0]!;
  for (let below = layers.get(at); below !== undefined; below = layers.get(at)) {
    if (!['zeroPadding2d', 'flatten', 'dropout'].includes(below.type)) return false;
    at = below.inputs[0]!;
  }
  return at === INPUT;
}

function sharesOf(rule: LayerRule, { graph }: GraphPlan): readonly Share[] {
  if (!Object.hasOwn(LAYER_RULES, rule?.type)) {
    refuse('layer rule', JSON.stringify(rule?.type), Object.keys(LAYER_RULES));
  }
  return (LAYER_RULES[rule.type] as (rule: LayerRule, graph: GraphPlan['graph']) => readonly Share[])(
    rule,
    graph,
  );
}

/** The same for inputs that are never negative, with half the wires. */
function withoutNegatives(share: Share): Share {
  const wires = share.wires.filter(({ input }) => input !== 'negative');
  return {
    ...share,
    wires: wires.map((wire) => (wire.input === 'positive' ? { ...wire, input: 'given' } : wire)),
  };
}

function refuse(asked: string, got: string, allowed: readonly string[] | undefined): never {
  throw new ExplainError({ asked: `composite: ${asked}`, got, allowed: allowed?.join(', ') });
}
