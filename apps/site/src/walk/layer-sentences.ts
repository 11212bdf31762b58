import {
  type BackProjectionRule,
  definitionOf,
  type PlanLayer,
  type PlanLayerType,
  type Seed,
} from '@clearmaps/deconvnet/graph';
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

/** What a rule does at each kind of layer, as docs/rules.md says. */
const PASSES: {
  [T in PlanLayerType]: (layer: Extract<PlanLayer, { type: T }>, rule: BackProjectionRule) => string;
} = {
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

/** What happens to the responses at a stop: where they come from, and what the layer does with them under the rule. */
export function sentencesOf({ layer, from }: WalkStop, rule: BackProjectionRule, seed: Seed): string[] {
  const joined = from.length > 1 ? [`What comes back from ${list(from)} arrives here, and is added up.`] : [];
  if (!layer) return [...joined, 'The pixels: what has arrived is R, the response map of the class.'];
  const start = from.length === 0 ? [STARTS[seed]] : [];
  const pass = (PASSES[layer.type] as (layer: PlanLayer, rule: BackProjectionRule) => string)(layer, rule);
  return [...start, ...joined, `On through it: ${pass[0]!.toLowerCase()}${pass.slice(1)}`];
}

function rectifier(rule: BackProjectionRule, open: string): string {
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
