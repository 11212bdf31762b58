import { ExplainError } from './errors.ts';
import { inputBox } from './input-box.ts';
import type { LayerGraph, Weight } from './layer-graph.ts';

/** What a composite says of a convolution or a dense layer: how it hands its relevance down. Plain data. */
export type LayerRule =
  | { readonly type: 'epsilon'; readonly epsilon?: number }
  | { readonly type: 'gamma'; readonly gamma?: number }
  | { readonly type: 'alphaBeta'; readonly alpha: number; readonly beta: number }
  | { readonly type: 'zPlus' }
  | { readonly type: 'zBox'; readonly low?: Bound; readonly high?: Bound }
  | { readonly type: 'flat' };

/** For all channels, or one a channel. */
export type Bound = number | readonly number[];

/**
 * With x what the layer received, W and b its weights and R the relevance of its outputs, every rule is
 *
 *     R_in = sum over shares of factor * sum over the share's wires of x' * (W'^T (R / z)),
 *     z = sum over the share's wires of (x' W' + b'), plus the stabiliser
 *
 * where x' and W' are parts of x and W. Where z is 0 no relevance passes.
 */
export interface Share {
  readonly factor: number;
  readonly wires: readonly Wire[];
  /** z + epsilon * sign(z), with sign(0) = 1. */
  readonly epsilon: number;
  /** The outputs of x W + b that the share is for; default all. */
  readonly outputs?: 'positive' | 'negative';
}

export interface Wire {
  readonly input: InputPart;
  readonly kernel: KernelPart;
  /** Whether the same part of the bias counts in z. */
  readonly bias: boolean;
}

/** x, max(x, 0), min(x, 0), ones, or x less what is given for its channels. */
export type InputPart = 'given' | 'positive' | 'negative' | 'ones' | { readonly above: Bound };

/** positive * max(w, 0) + negative * min(w, 0) of every weight w; or ones. */
export type KernelPart = 'ones' | { readonly positive: number; readonly negative: number };

export const GIVEN: KernelPart = { positive: 1, negative: 1 };
const POSITIVE: KernelPart = { positive: 1, negative: 0 };
const NEGATIVE: KernelPart = { positive: 0, negative: 1 };

const wire = (input: InputPart, kernel: KernelPart, bias = false): Wire => ({ input, kernel, bias });
const share = (factor: number, wires: readonly Wire[], epsilon = 0): Share => ({ factor, wires, epsilon });

/** Products that are positive, and products that are negative. */
const RAISING = [wire('positive', POSITIVE), wire('negative', NEGATIVE)];
const LOWERING = [wire('positive', NEGATIVE), wire('negative', POSITIVE)];

/** Of the gamma rule, unless told. */
export const DEFAULT_GAMMA = 0.25;

/**
 * Adding a rule is a row here, with its source, and its type above.
 *
 * @throws ExplainError for a number out of range, and for a zBox without bounds where the graph does not say them
 */
export const LAYER_RULES: {
  readonly [T in LayerRule['type']]: (
    rule: Extract<LayerRule, { type: T }>,
    graph: LayerGraph,
  ) => readonly Share[];
} = {
  // Bach et al. 2015, eq. 58. The bias keeps its share of the relevance.
  epsilon: ({ epsilon = 1e-6 }) => [share(1, [wire('given', GIVEN, true)], atLeastZero('epsilon', epsilon))],
  // Montavon et al. 2019, section 10.2.3, for inputs of either sign as in Andeol et al. 2021: what has the sign of the
  // output is favoured.
  gamma: ({ gamma = DEFAULT_GAMMA }) => {
    const raised = { positive: 1 + atLeastZero('gamma', gamma), negative: 1 };
    const lowered = { positive: 1, negative: 1 + gamma };
    return [
      {
        ...share(1, [wire('positive', raised, true), wire('negative', lowered)]),
        outputs: 'positive',
      },
      {
        ...share(1, [wire('positive', lowered, true), wire('negative', raised)]),
        outputs: 'negative',
      },
    ];
  },
  // Bach et al. 2015, eq. 60, without biases.
  alphaBeta: ({ alpha, beta }) => {
    if (!(beta >= 0 && Math.abs(alpha - beta - 1) < 1e-9)) {
      throw new ExplainError({
        asked: 'layer rule alphaBeta',
        got: `alpha ${alpha}, beta ${beta}`,
        allowed: 'beta from 0, and alpha = 1 + beta',
      });
    }
    return beta === 0 ? [share(1, RAISING)] : [share(alpha, RAISING), share(-beta, LOWERING)];
  },
  // Montavon et al. 2017, section 3.1: alpha 1, beta 0.
  zPlus: () => [share(1, RAISING)],
  // Montavon et al. 2017, section 3.2: z = x W - low W+ - high W-, here as sums of what is never negative.
  zBox: ({ low, high }, graph) => {
    const box = low === undefined || high === undefined ? inputBox(graph) : undefined;
    const bottom = finite('low', low ?? box!.low);
    const top = finite('high', high ?? box!.high);
    return [share(1, [wire({ above: bottom }, POSITIVE), wire({ above: top }, NEGATIVE)])];
  },
  // Lapuschkin et al. 2019, supplementary note 1: evenly over all that the output is wired to.
  flat: () => [share(1, [wire('ones', 'ones')])],
};

function atLeastZero(what: string, value: number): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new ExplainError({ asked: what, got: String(value), allowed: 'a number from 0' });
}

function finite(what: string, bound: Bound): Bound {
  const values = [bound].flat();
  if (values.length > 0 && values.every(Number.isFinite)) return bound;
  throw new ExplainError({
    asked: `layer rule zBox: ${what}`,
    got: JSON.stringify(bound),
    allowed: 'a number, or one a channel',
  });
}

export function partOf({ shape, values }: Weight, part: KernelPart): Weight {
  const value = part === 'ones' ? () => 1 : (w: number) => w * (w > 0 ? part.positive : part.negative);
  return { shape, values: values.map(value) };
}

/** Equal parts have equal keys. */
export const keyOf = (part: KernelPart | InputPart): string => JSON.stringify(part);
