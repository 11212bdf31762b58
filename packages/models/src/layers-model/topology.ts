import { UnsupportedLayerError } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { asArray, asObject, asText, describe, type JsonObject } from '../json-checks.ts';

/** A layer as Keras describes it. */
export interface KerasLayer {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  /** Names of Keras layers. */
  readonly inputs: readonly string[];
}

export interface Topology {
  readonly name: string;
  /** [H, W, C]. */
  readonly inputShape: readonly [number, number, number];
  /** The layer that stands for the model's input. */
  readonly input: string;
  /** Those between input and output, in topological order, the input left out. */
  readonly layers: readonly KerasLayer[];
}

const SEQUENTIAL = ['Sequential'];
const FUNCTIONAL = ['Model', 'Functional'];

/**
 * Reads the `modelTopology` of a LayersModel: Sequential or functional, as tfjs-layers writes it or inside
 * `model_config` as the Keras converter does; node lists of Keras 2 and 3.
 *
 * @throws UnsupportedLayerError for nested models, shared layers, several inputs or outputs.
 * @throws ModelFileError for anything that is not such a topology, with the place in it.
 */
export function readTopology(modelTopology: unknown): Topology {
  const file = asObject(modelTopology, 'modelTopology');
  const model = file.model_config === undefined ? file : asObject(file.model_config, 'model_config');
  const kind = asText(model.class_name, 'modelTopology.class_name');
  if (SEQUENTIAL.includes(kind)) return readSequential(model.config);
  if (FUNCTIONAL.includes(kind)) return readFunctional(asObject(model.config, 'modelTopology.config'));
  throw new ModelFileError({
    asked: 'modelTopology.class_name',
    got: `"${kind}"`,
    allowed: [...SEQUENTIAL, ...FUNCTIONAL].join(', '),
  });
}

function readSequential(value: unknown): Topology {
  const config = Array.isArray(value) ? { layers: value } : asObject(value, 'modelTopology.config');
  const entries = asArray(config.layers, 'modelTopology.config.layers').map(readEntry);
  const first = entries[0];
  if (!first) throw new ModelFileError({ asked: 'modelTopology.config.layers', got: 'none' });
  const startsWithInput = first.className === 'InputLayer';
  const input = startsWithInput ? first.name : 'the input of the Sequential model';
  const chain = startsWithInput ? entries.slice(1) : entries;
  const layers = chain.map((entry, i) => ({ ...entry, inputs: [i === 0 ? input : chain[i - 1]!.name] }));
  checkNames([...(startsWithInput ? [input] : []), ...layers.map((layer) => layer.name)]);
  const shape = batchShape(first.config) ?? config.build_input_shape;
  return { name: modelName(config), inputShape: readInputShape(shape, first.name), input, layers };
}

function readFunctional(config: JsonObject): Topology {
  const entries = asArray(config.layers, 'modelTopology.config.layers');
  const layers = new Map<string, KerasLayer>();
  const read = entries.map((value, i) => {
    const entry = readEntry(value, i);
    const { inbound_nodes } = value as JsonObject;
    return { ...entry, inputs: readInbound(inbound_nodes ?? [], entry) };
  });
  checkNames(read.map((layer) => layer.name));
  for (const layer of read) layers.set(layer.name, layer);
  const input = onlyEnd(config, 'input_layers', layers);
  const output = onlyEnd(config, 'output_layers', layers);
  const first = layers.get(input)!;
  return {
    name: modelName(config),
    inputShape: readInputShape(batchShape(first.config), input),
    input,
    layers: inOrder(layers, input, output),
  };
}

function readEntry(value: unknown, i: number): Omit<KerasLayer, 'inputs'> {
  const entry = asObject(value, `layers[${i}]`);
  const className = asText(entry.class_name, `layers[${i}].class_name`);
  const config = asObject(entry.config, `layers[${i}].config`);
  const name = asText(entry.name ?? config.name, `layers[${i}] (${className}), name`);
  if ([...SEQUENTIAL, ...FUNCTIONAL].includes(className)) {
    throw new UnsupportedLayerError({
      asked: `layer "${name}"`,
      got: `a nested model (${className})`,
      allowed: 'plain layers',
      remedy: 'Export the model with the layers of the inner one in its place.',
    });
  }
  return { name, className, config };
}

function readInbound(value: unknown, layer: Omit<KerasLayer, 'inputs'>): string[] {
  const where = `layer "${layer.name}" (${layer.className}), inbound_nodes`;
  const nodes = asArray(value, where);
  if (nodes.length > 1) {
    throw new UnsupportedLayerError({
      asked: `layer "${layer.name}" (${layer.className})`,
      got: `a shared layer, used in ${nodes.length} places`,
      allowed: 'layers used once',
    });
  }
  const node = nodes[0];
  if (node === undefined) return [];
  // Keras 2: [[name, node, tensor, kwargs], ...]. Keras 3: {args: [tensor or list of tensors], kwargs}.
  const histories = Array.isArray(node) ? node : tensorHistories(asObject(node, where).args);
  return histories.map((history) => {
    const [source, nodeIndex, tensorIndex] = asArray(history, where);
    if ((nodeIndex ?? 0) !== 0 || (tensorIndex ?? 0) !== 0) {
      throw new UnsupportedLayerError({
        asked: `layer "${layer.name}" (${layer.className})`,
        got: `call ${describe(nodeIndex)}, output ${describe(tensorIndex)} of ${describe(source)}`,
        allowed: 'layers that are used once and have one output',
      });
    }
    return asText(source, where);
  });
}

function tensorHistories(args: unknown): unknown[] {
  if (Array.isArray(args)) return args.flatMap(tensorHistories);
  const config = (args as { config?: { keras_history?: unknown } } | null | undefined)?.config;
  return config?.keras_history === undefined ? [] : [config.keras_history];
}

function onlyEnd(config: JsonObject, field: string, layers: ReadonlyMap<string, KerasLayer>): string {
  const where = `modelTopology.config.${field}`;
  const value = asArray(config[field], where);
  // Keras 3 writes a single end without the outer list.
  const ends = typeof value[0] === 'string' ? [value] : value;
  if (ends.length !== 1) {
    throw new UnsupportedLayerError({
      asked: where,
      got: `${ends.length}: ${ends.map((end) => describe(Array.isArray(end) ? end[0] : end)).join(', ')}`,
      allowed: 'one',
    });
  }
  const name = asText(asArray(ends[0], where)[0], where);
  if (layers.has(name)) return name;
  throw new ModelFileError({ asked: where, got: `"${name}", which no layer is called` });
}

/** What the output depends on, in the order of the file where that is topological, or else depth first. */
function inOrder(layers: ReadonlyMap<string, KerasLayer>, input: string, output: string): KerasLayer[] {
  const ordered: KerasLayer[] = [];
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
      ? new UnsupportedLayerError({
          asked: `layer "${layer.name}"`,
          got: 'a second input',
          allowed: 'one input',
        })
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

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new ModelFileError({ asked: `layer "${twice}"`, got: 'two layers of this name', allowed: 'one' });
}

function batchShape(config: JsonObject): unknown {
  return config.batch_input_shape ?? config.batch_shape;
}

function readInputShape(value: unknown, layer: string): readonly [number, number, number] {
  const sides = Array.isArray(value) ? value.slice(1) : [];
  if (sides.length === 3 && sides.every((side) => Number.isSafeInteger(side) && side >= 1)) {
    return sides as unknown as readonly [number, number, number];
  }
  throw new ModelFileError({
    asked: `layer "${layer}": batch_input_shape`,
    got: describe(value),
    allowed: '[null, height, width, channels] with whole numbers from 1',
    remedy: 'Export the model with a fixed input size.',
  });
}

function modelName(config: JsonObject): string {
  return typeof config.name === 'string' && config.name !== '' ? config.name : 'model';
}
