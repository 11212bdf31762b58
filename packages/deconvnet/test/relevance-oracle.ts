import type { Composite, Layer, LayerGraph, LayerRule } from '../src/index.ts';
import type { Wiring } from './oracle.ts';

/**
 * Relevance through one layer, wire by wire, in float64: every wire takes its own part of the relevance of its output,
 * as the papers write it. No kernel is split and nothing is transposed.
 *
 * @param rule undefined for means and sums, which divide in proportion
 * @param jitter errs in every denominator by this part of what it adds up: how well float32 can do
 */
export function relevanceByWire(
  { port, from, to, weight }: Wiring,
  inputs: readonly Float64Array[],
  bias: (output: number) => number,
  relevance: Float64Array,
  rule: LayerRule | undefined,
  box: (input: number) => readonly [low: number, high: number],
  jitter: number,
): Float64Array[] {
  const result = inputs.map((values) => new Float64Array(values.length));
  const count = relevance.length;
  const z = Float64Array.from(relevance, (_, j) => (rule ? bias(j) : 0));
  for (let i = 0; i < to.length; i++) {
    z[to[i]!] = z[to[i]!]! + weight[i]! * inputs[port[i]!]![from[i]!]!;
  }
  /** Divides `amount` of each output's relevance over its wires, each by its part. */
  const divide = (
    amount: (output: number) => number,
    part: (z: number, wire: number, output: number) => number,
    offset: (output: number) => number = () => 0,
    epsilon = 0,
  ): void => {
    const sums = Float64Array.from({ length: count }, (_, j) => offset(j));
    const sizes = sums.map(Math.abs);
    const parts = to.map((j, i) => part(weight[i]! * inputs[port[i]!]![from[i]!]!, i, j));
    for (const [i, j] of to.entries()) {
      sums[j] = sums[j]! + parts[i]!;
      sizes[j] = sizes[j]! + Math.abs(parts[i]!);
    }
    for (const [i, j] of to.entries()) {
      const noise = jitter * sizes[j]! * (j % 2 === 0 ? 1 : -1);
      const sum = sums[j]! + noise + (sums[j]! < 0 ? -epsilon : epsilon);
      const target = result[port[i]!]!;
      if (sum !== 0) target[from[i]!] = target[from[i]!]! + (parts[i]! / sum) * amount(j) * relevance[j]!;
    }
  };
  const above = (value: number): number => Math.max(value, 0);
  const below = (value: number): number => Math.min(value, 0);
  switch (rule?.type) {
    case 'epsilon':
      divide(
        () => 1,
        (part) => part,
        bias,
        rule.epsilon ?? 1e-6,
      );
      break;
    case 'gamma': {
      const { gamma = 0.25 } = rule;
      const favoured = (value: number, j: number) =>
        value + gamma * (z[j]! > 0 ? above(value) : below(value));
      divide(
        (j) => (z[j] === 0 ? 0 : 1),
        (part, _, j) => favoured(part, j),
        (j) => favoured(bias(j), j),
      );
      break;
    }
    case 'alphaBeta':
      divide(() => rule.alpha, above);
      divide(() => -rule.beta, below);
      break;
    case 'zPlus':
      divide(() => 1, above);
      break;
    case 'zBox':
      divide(
        () => 1,
        (part, i) => {
          const [low, high] = box(from[i]!);
          return part - low * above(weight[i]!) - high * below(weight[i]!);
        },
      );
      break;
    case 'flat':
      divide(
        () => 1,
        () => 1,
      );
      break;
    case undefined:
      divide(
        () => 1,
        (part) => part,
      );
  }
  return result;
}

/** The first rule of the composite that fits a convolution or a dense layer. */
export function ruleFor(graph: LayerGraph, layer: Layer, composite: Composite): LayerRule {
  const byName = new Map(graph.layers.map((one) => [one.name, one]));
  let below = byName.get(layer.inputs[0]!);
  while (below && ['zeroPadding2d', 'flatten', 'dropout'].includes(below.type)) {
    below = byName.get(below.inputs[0]!);
  }
  return composite.find(
    ({ type = layer.type, name = layer.name, position }) =>
      type === layer.type && name === layer.name && !(position === 'first' && below),
  )!.rule;
}
