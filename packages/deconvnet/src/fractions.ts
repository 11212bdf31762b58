import {
  abs,
  add,
  addN,
  div,
  mul,
  neg,
  ones,
  relu,
  step,
  sub,
  type Tensor,
  type Tensor4D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import type { Conv2dLayer, DenseLayer } from './layer-graph.ts';
import { GIVEN, type InputPart, type KernelPart, type Share, type Wire } from './layer-rules.ts';
import { runLinear } from './linear-layer.ts';
import type { PlanLayer } from './pool-last.ts';
import { asSpatial, type PreparedGraph } from './prepared-graph.ts';

/** What the way back of relevance through one layer needs of the forward pass: a {@link Share} of known z. */
export interface Fraction {
  /** factor / z, 0 where z is 0: [B, h, w, c] of the layer's output. */
  readonly inverse: Tensor4D;
  readonly wires: readonly {
    readonly kernel: KernelPart;
    /** x' of each of the layer's inputs, [B, h, w, c]; undefined where it is all ones. */
    readonly inputs: readonly (Tensor4D | undefined)[];
  }[];
}

/**
 * @param inputs what the layer received, and what it gave; not disposed
 * @returns fractions whose tensors the caller disposes, see {@link tensorsOf}
 */
export function fractionsOf(
  prepared: PreparedGraph,
  layer: PlanLayer,
  shares: readonly Share[],
  inputs: readonly Tensor[],
  output: Tensor,
): Fraction[] {
  const find = (): Fraction[] => {
    const spatial = inputs.map(asSpatial);
    if (layer.type !== 'conv2d' && layer.type !== 'dense') {
      // In proportion: a sum or a mean is its own z.
      return shares.map(({ factor, epsilon }) => ({
        inverse: inverseOf(asSpatial(output), factor, epsilon),
        wires: [{ kernel: GIVEN, inputs: spatial }],
      }));
    }
    return shares.map((share) => tidied(() => fractionOf(prepared, layer, share, spatial[0]!)));
  };
  return tidied(find);
}

/** tidy finds tensors in any object; its type asks for index signatures. */
const tidied = <T>(run: () => T): T => tidy(run as () => never);

export function tensorsOf(fractions: readonly Fraction[]): Tensor[] {
  return fractions.flatMap(({ inverse, wires }) => [
    inverse,
    ...wires.flatMap(({ inputs }) => inputs.flatMap((input) => input ?? [])),
  ]);
}

function fractionOf(
  prepared: PreparedGraph,
  layer: Conv2dLayer | DenseLayer,
  { factor, wires, epsilon, outputs }: Share,
  x: Tensor4D,
): Fraction {
  const parts = wires.map(({ input }) => inputPart(x, input));
  const run = ({ kernel, bias }: Pick<Wire, 'kernel' | 'bias'>, input: Tensor4D) =>
    asSpatial(runLinear(prepared, layer, input, { kernel, bias, activation: 'linear' }));
  const z = tidy(() => {
    const sums = wires.map((wire, i) => run(wire, parts[i]!));
    return sums.length === 1 ? sums[0]! : addN(sums);
  });
  const inverse = inverseOf(z, factor, epsilon);
  z.dispose();
  const ofSign = (given: Tensor4D): Tensor4D => step(outputs === 'positive' ? given : neg(given));
  return {
    inverse: outputs
      ? mul(
          inverse,
          tidy(() => ofSign(run({ kernel: GIVEN, bias: true }, x))),
        )
      : inverse,
    wires: wires.map(({ input, kernel }, i) => ({
      kernel,
      inputs: [input === 'ones' ? undefined : parts[i]!],
    })),
  };
}

function inputPart(x: Tensor4D, part: InputPart): Tensor4D {
  if (part === 'given') return forAnotherOwner(x);
  if (part === 'positive') return relu(x);
  if (part === 'negative') return sub(x, relu(x));
  if (part === 'ones') return ones(x.shape);
  const { above } = part;
  const bounds = typeof above === 'number' ? [above] : above;
  // A flattened image has its channels innermost.
  return sub(x, tensor1d(Array.from({ length: x.shape[3] }, (_, i) => bounds[i % bounds.length]!)));
}

/** Below this a sum is rounding, and its inverse would overflow. */
const NOTHING = 1e-37;

/**
 * factor / (z + epsilon * sign(z)), with sign(0) = 1; 0 where that divides by nothing. Of a last layer z is a map a
 * class: one step a tidy, so that what comes between is freed as soon as it is used.
 */
function inverseOf(z: Tensor4D, factor: number, epsilon: number): Tensor4D {
  return tidy(() => {
    const stable = epsilon === 0 ? z : tidy(() => add<Tensor4D>(z, signed(z, epsilon)));
    const something = tidy(() => step(sub(abs(stable), NOTHING)));
    const divisor = tidy(() => add(stable, sub(1, something)));
    if (stable !== z) stable.dispose();
    const dividend = mul(something, factor);
    something.dispose();
    return div(dividend, divisor);
  });
}

/** value * sign(z), with sign(0) = 1. */
function signed(z: Tensor4D, value: number): Tensor4D {
  return tidy(() => {
    const negative = tidy(() => step(neg(z)));
    const twice = mul(negative, 2 * value);
    negative.dispose();
    return sub(value, twice);
  });
}
