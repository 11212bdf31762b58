import {
  type Composite,
  DEFAULT_GAMMA,
  definitionOf,
  type GraphPlan,
  type LayerRule,
  layerRuleOf,
  type PlanLayer,
  type PlanLayerType,
  type Seed,
} from '@clearmaps/deconvnet/graph';
import type { SweepMethod } from '../methods/sweep-rule.ts';
import type { WalkStop } from './walk-stops.ts';

/** What each kind of layer is called. */
export const KINDS: Readonly<Record<PlanLayerType, string>> = {
  conv2d: 'convolution',
  affine: 'normalisation',
  relu: 'ReLU',
  relu6: 'ReLU6',
  leakyRelu: 'leaky ReLU',
  meanGate: 'ReLU behind the average',
  zeroPadding2d: 'zero padding',
  maxPool2d: 'max pooling',
  averagePool2d: 'average pooling',
  globalAveragePool2d: 'global average pooling',
  dense: 'dense layer',
  flatten: 'flatten',
  softmax: 'softmax',
  add: 'sum',
  concat: 'concatenation',
  dropout: 'dropout',
};

const STARTS: Readonly<Record<Seed, string>> = {
  positive:
    'The way starts here, with what the feature map says for the class: its channel where it is positive, nothing else.',
  activation:
    'The way starts here, with what the feature map says for and against the class: its channel, nothing else.',
  unit: 'The way starts here, with a one at every place of the channel of the class.',
};

type Passes<Rule> = {
  [T in PlanLayerType]: (layer: Extract<PlanLayer, { type: T }>, rule: Rule) => string;
};

/** What a rule of back-projection does at each kind of layer, as docs/rules.md says. */
const PASSES: Passes<SweepMethod> = {
  conv2d: ({ kernel: { shape } }) =>
    shape[0] === 1 && shape[1] === 1
      ? 'Each place hands its responses to the channels below by the weights that it had mixed them with; no bias.'
      : `The same ${shape[1]}×${shape[0]} kernels turned round: each response spreads over all the places that it was computed from; no bias.`,
  affine: () => 'Each channel is multiplied by its scale; the shift is a bias, and stays behind.',
  relu: (_, rule) => rectifier(rule, 'the ReLU had let its input through'),
  relu6: (_, rule) => rectifier(rule, 'the input was between 0 and 6'),
  leakyRelu: ({ alpha }, rule) => {
    const { rectifies, masks } = definitionOf(rule);
    const parts = [
      ...(rectifies ? [`negative responses are multiplied by ${alpha}`] : []),
      ...(masks ? [`so is what arrives where the input was negative`] : []),
    ];
    return parts.length === 0 ? 'The responses pass unchanged.' : sentence(parts);
  },
  meanGate: () => 'Each channel passes with the slope that its average had met there.',
  zeroPadding2d: () => 'The border is cut off: there were no pixels.',
  maxPool2d: () =>
    'Each response goes to the one place where its window had its maximum, by the switches (unpooling); all other places get nothing.',
  averagePool2d: () => 'Each response is spread evenly over its window.',
  globalAveragePool2d: () => 'Each response is spread evenly over the whole map.',
  dense: () => 'The transposed matrix: each response goes back to its inputs by their weights; no bias.',
  flatten: () => 'The long vector becomes a map again.',
  softmax: () => 'It is not on the way.',
  add: ({ inputs }) => `A sum passes the whole response to each of its ${inputs.length} inputs.`,
  concat: ({ inputs }) =>
    `The channels are taken apart again, and each of the ${inputs.length} inputs gets those that were its own.`,
  dropout: () => 'It did nothing on the way forward, and does nothing now.',
};

/** What stays behind where outputs share out what biases gave, too. */
const NO_BIAS = 'what the bias gave stays behind';

/** How a convolution or a dense layer divides relevance, as docs/rules.md says. */
const DIVIDES: { readonly [T in LayerRule['type']]: (rule: Extract<LayerRule, { type: T }>) => string } = {
  epsilon: () =>
    `Each output shares its relevance out among its inputs in proportion to what each gave it, value times weight (epsilon); ${NO_BIAS}.`,
  gamma: ({ gamma = DEFAULT_GAMMA }) =>
    `Each output shares its relevance out in proportion to what each input gave it, and what has the output’s own sign counts ${1 + gamma} times (gamma); ${NO_BIAS}.`,
  alphaBeta: ({ alpha, beta }) =>
    `What raised an output shares ${alpha} times its relevance; what lowered it shares ${beta} times its relevance, which is taken away (alpha ${alpha}, beta ${beta}); biases do not count.`,
  zPlus: () =>
    'Only what raised an output shares its relevance, in proportion to how much it gave (z+); biases do not count.',
  zBox: () =>
    'The image comes in here: a pixel’s share is its weight times how far it is from black or from white, whichever would have given least (z-box). So black pixels get some, too.',
  flat: () =>
    'Each output spreads its relevance evenly over all the places that it is wired to, whatever they held (flat).',
};

const UNCHANGED = (): string => 'The relevance passes unchanged.';

/** What differs at the other layers where it is relevance that comes back. */
const PASSES_RELEVANCE: {
  readonly [T in PlanLayerType]?: (layer: Extract<PlanLayer, { type: T }>) => string;
} = {
  affine: UNCHANGED,
  relu: UNCHANGED,
  relu6: UNCHANGED,
  leakyRelu: UNCHANGED,
  meanGate: UNCHANGED,
  maxPool2d: () =>
    'The winner takes all: the relevance goes to the one place where its window had its maximum, by the switches.',
  averagePool2d: () => 'What was averaged shares the relevance in proportion to what it gave.',
  globalAveragePool2d: () => 'The places of the map share the relevance in proportion to what they gave.',
  add: ({ inputs }) =>
    `The ${inputs.length} inputs share the relevance in proportion to what they gave to the sum.`,
};

/**
 * What happens to the responses at a stop: where they come from, and what the layer does with them under the rule.
 *
 * @param plan that of the rule
 */
export function sentencesOf(
  plan: GraphPlan,
  { layer, from }: WalkStop,
  rule: SweepMethod,
  seed: Seed,
): string[] {
  const { composite, timesValues } = definitionOf(rule);
  const joined = from.length > 1 ? [`What comes back from ${list(from)} arrives here, and is added up.`] : [];
  const times = timesValues
    ? [`Shown is what arrives times ${layer ? 'what the layer gave' : 'the pixels'}.`]
    : [];
  if (!layer) {
    const last = timesValues ? 'that' : 'what has arrived';
    return [...joined, ...times, `The pixels: ${last} is R, the response map of the class.`];
  }
  const start = from.length === 0 ? [STARTS[seed]] : [];
  const pass = composite
    ? relevancePass(plan, layer, composite)
    : (PASSES[layer.type] as (layer: PlanLayer, rule: SweepMethod) => string)(layer, rule);
  return [...start, ...joined, ...times, `On through it: ${pass[0]!.toLowerCase()}${pass.slice(1)}`];
}

function relevancePass(plan: GraphPlan, layer: PlanLayer, composite: Composite): string {
  if (layer.type === 'conv2d' || layer.type === 'dense') {
    const rule = layerRuleOf(plan, layer, composite);
    return (DIVIDES[rule.type] as (rule: LayerRule) => string)(rule);
  }
  const own = PASSES_RELEVANCE[layer.type] as ((layer: PlanLayer) => string) | undefined;
  return (own ?? (PASSES[layer.type] as (layer: PlanLayer) => string))(layer);
}

function rectifier(rule: SweepMethod, open: string): string {
  const { rectifies, masks } = definitionOf(rule);
  if (!rectifies && !masks) return 'The responses pass unchanged, as the paper’s equation has it.';
  return sentence([
    ...(rectifies ? ['negative responses stop'] : []),
    ...(masks ? [`only those pass where ${open}`] : []),
  ]);
}

function sentence(parts: readonly string[]): string {
  const text = parts.join(', and ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
