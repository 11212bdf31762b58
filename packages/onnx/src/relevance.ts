import type { KernelPart, PlanLayer } from '@clearmaps/deconvnet/graph';
import { inputPart } from './fractions.ts';
import type { Sweep } from './sweep.ts';

/**
 * Relevance through one layer that has shares: x' * (W'^T (R * factor / z)), summed over shares and wires, as
 * layer-rules.ts of @clearmaps/deconvnet says.
 *
 * @param divide gives R * factor / z from the inverse, in whatever form `through` takes it
 * @param through the layer's way back with a part of its kernel: [B*g, C, h, w] of each input
 * @returns [B*g, C, h, w] of each input
 */
export function relevanceThrough(
  sweep: Sweep,
  layer: PlanLayer,
  divide: (inverse: string) => string,
  through: (ratio: string, kernel: KernelPart) => readonly string[],
): string[] {
  const { net, trace } = sweep;
  const parts = layer.inputs.map((): string[] => []);
  for (const share of sweep.shares.get(layer.name)!) {
    const ratio = divide(trace.inverse(layer, share));
    for (const { input, kernel } of share.wires) {
      for (const [k, back] of through(ratio, kernel).entries()) {
        const name = layer.inputs[k]!;
        const values = input === 'ones' ? undefined : inputPart(net, trace.output(name), input, layer);
        parts[k]!.push(values === undefined ? back : sweep.timesOutput(back, values, name));
      }
    }
  }
  return parts.map((some) => (some.length === 1 ? some[0]! : net.builder.op('Sum', some)));
}
