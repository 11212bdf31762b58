import { GIVEN, type InputPart, type PlanLayer, type Share } from '@clearmaps/deconvnet/graph';
import { runLinear } from './forward.ts';
import type { Net } from './net.ts';

/** Below this a sum is rounding, and its inverse would overflow. */
const NOTHING = 1e-37;

/**
 * The inverse of what a share of a layer adds up, factor / z: [B, C, h, w] of the layer's output; 0 where z is 0.
 *
 * @param inputs what the layer received
 * @param output what it gave: for a mean and a sum their own z
 */
export function inverseOf(
  net: Net,
  layer: PlanLayer,
  share: Share,
  inputs: readonly string[],
  output: string,
): string {
  if (layer.type !== 'conv2d' && layer.type !== 'dense') return inverse(net, output, share);
  const sums = share.wires.map(({ input, kernel, bias }) =>
    runLinear(net, layer, inputPart(net, inputs[0]!, input, layer), kernel, bias),
  );
  const { builder } = net;
  const all = inverse(net, sums.length === 1 ? sums[0]! : builder.op('Sum', sums), share);
  if (share.outputs === undefined) return all;
  const given = runLinear(net, layer, inputs[0]!, GIVEN, true);
  const zero = net.numbers([], [0]);
  const meant = builder.op(share.outputs === 'positive' ? 'Greater' : 'Less', [given, zero]);
  return builder.op('Where', [meant, all, zero]);
}

/** x' of a layer's input x, [B, C, h, w]. */
export function inputPart(net: Net, x: string, part: InputPart, layer: PlanLayer): string {
  const { builder, plan } = net;
  if (part === 'given') return x;
  if (part === 'positive') return builder.op('Relu', [x]);
  if (part === 'negative') return builder.op('Min', [x, net.numbers([], [0])]);
  const [height, width, channels] = plan.spatialShape(layer.inputs[0]!);
  if (part === 'ones') {
    const images = builder.slice(builder.op('Shape', [x]), 0, 0, 1);
    const shape = builder.op('Concat', [images, builder.ints([channels, height, width])], { axis: 0 });
    return builder.op('Expand', [net.numbers([1, 1, 1, 1], [1]), shape]);
  }
  const { above } = part;
  const bounds = typeof above === 'number' ? [above] : above;
  // A flattened image has its channels innermost.
  const values = Array.from({ length: channels }, (_, i) => bounds[i % bounds.length]!);
  return builder.op('Sub', [x, net.numbers([1, channels, 1, 1], values)]);
}

/** factor / (z + epsilon * sign(z)), with sign(0) = 1; 0 where that divides by nothing. */
function inverse(net: Net, z: string, { factor, epsilon }: Share): string {
  const { builder } = net;
  const scalar = (value: number): string => net.numbers([], [value]);
  const stable =
    epsilon === 0
      ? z
      : builder.op('Add', [
          z,
          builder.op('Where', [builder.op('Less', [z, scalar(0)]), scalar(-epsilon), scalar(epsilon)]),
        ]);
  const something = builder.op('Greater', [builder.op('Abs', [stable]), scalar(NOTHING)]);
  return builder.op('Where', [something, builder.op('Div', [scalar(factor), stable]), scalar(0)]);
}
