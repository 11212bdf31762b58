import { ModelFileError } from '../errors.ts';
import type { KerasLayer, KerasModel } from './topology.ts';

/**
 * The layers of a model with those of inner models in the place of the latter. An inner layer whose name is taken
 * is called `<model>/<layer>`.
 *
 * @throws ModelFileError for an inner model with several inputs.
 */
export function flattenModel(model: KerasModel): KerasLayer[] {
  const layers: KerasLayer[] = [];
  const taken = new Set([
    model.input,
    ...model.layers.filter((layer) => !layer.model).map(({ name }) => name),
  ]);
  /** Gives the layer whose output is that of the model. */
  const append = (part: KerasModel, source: string, prefix: string | undefined): string => {
    const outputOf = new Map([[part.input, source]]);
    for (const { model: inner, ...layer } of part.layers) {
      const inputs = layer.inputs.map((name) => outputOf.get(name)!);
      if (inner) {
        if (inputs.length !== 1) {
          throw new ModelFileError({
            asked: `model "${layer.name}" inside a model, inputs`,
            got: String(inputs.length),
            allowed: '1',
          });
        }
        outputOf.set(layer.name, append(inner, inputs[0]!, layer.name));
        continue;
      }
      const name = prefix === undefined ? layer.name : freeName(layer.name, prefix, taken);
      layers.push({ ...layer, name, inputs });
      outputOf.set(layer.name, name);
    }
    return outputOf.get(part.output)!;
  };
  append(model, model.input, undefined);
  return layers;
}

function freeName(name: string, prefix: string, taken: Set<string>): string {
  let free = name;
  for (let n = 1; taken.has(free); n++) free = n === 1 ? `${prefix}/${name}` : `${prefix}/${name}_${n}`;
  taken.add(free);
  return free;
}
