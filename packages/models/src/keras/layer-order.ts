import { UnsupportedLayerError } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { KerasLayer } from './topology.ts';

/**
 * What the output depends on, in the order of the file where that is topological, or else depth first.
 *
 * @throws ModelFileError for layers without inputs, inputs that no layer is called, cycles.
 * @throws UnsupportedLayerError for a second input.
 */
export function inOrder<L extends KerasLayer>(
  layers: ReadonlyMap<string, L>,
  input: string,
  output: string,
): L[] {
  const ordered: L[] = [];
  const state = new Map<string, 'open' | 'done'>([[input, 'done']]);
  // A stack of its own: a chain of layers may be longer than the engine's call stack allows.
  const stack = [output];
  while (stack.length > 0) {
    const name = stack.at(-1)!;
    const layer = layers.get(name)!;
    const fresh = state.get(name) === undefined;
    if (fresh) {
      state.set(name, 'open');
      checkInputs(layer, layers, state);
      stack.push(...layer.inputs.filter((source) => !state.has(source)).reverse());
    } else {
      stack.pop();
      if (state.get(name) === 'open') ordered.push(layer);
      state.set(name, 'done');
    }
  }
  const kept = new Set(ordered);
  const asWritten = [...layers.values()].filter((layer) => kept.has(layer));
  return isTopological(asWritten, input) ? asWritten : ordered;
}

function isTopological(layers: readonly KerasLayer[], input: string): boolean {
  const seen = new Set([input]);
  return layers.every((layer) => layer.inputs.every((source) => seen.has(source)) && seen.add(layer.name));
}

function checkInputs(
  layer: KerasLayer,
  layers: ReadonlyMap<string, KerasLayer>,
  state: ReadonlyMap<string, 'open' | 'done'>,
): void {
  const where = `layer "${layer.name}" (${layer.className}), inbound_nodes`;
  if (layer.inputs.length === 0) {
    throw layer.className === 'InputLayer'
      ? secondInput(layer.name)
      : new ModelFileError({ asked: where, got: 'none', allowed: 'the layers whose outputs it takes' });
  }
  for (const source of layer.inputs) {
    if (!layers.has(source)) {
      throw new ModelFileError({ asked: where, got: `"${source}", which no layer is called` });
    }
    if (state.get(source) === 'open') {
      throw new ModelFileError({
        asked: where,
        got: `"${source}", which depends on this layer`,
        allowed: 'no cycle',
      });
    }
  }
}

/** For a layer that takes a picture of its own. */
export function secondInput(name: string): UnsupportedLayerError {
  return new UnsupportedLayerError({ asked: `layer "${name}"`, got: 'a second input', allowed: 'one input' });
}
