import { UnsupportedLayerError } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { asArray, asObject, asText, describe, type JsonObject } from '../json-checks.ts';
import { flattenModel } from './flatten-model.ts';
import { inOrder, secondInput } from './layer-order.ts';

/** A layer as Keras describes it. */
export interface KerasLayer {
  readonly name: string;
  /** The name that its weights go by; another than `name` where models inside a model share names. */
  readonly weightName: string;
  readonly className: string;
  readonly config: JsonObject;
  /** Names of Keras layers. */
  readonly inputs: readonly string[];
}

/** A Sequential or functional model, of which some layers may be models themselves. */
export interface KerasModel {
  readonly name: string;
  /** The layer that stands for the model's input. */
  readonly input: string;
  readonly output: string;
  /** Those between input and output, in topological order, the input left out. */
  readonly layers: readonly ModelLayer[];
  /** As the file says it, if it does. */
  readonly inputShape: unknown;
}

export interface ModelLayer extends KerasLayer {
  readonly model?: KerasModel;
}

export interface Topology {
  readonly name: string;
  /** [H, W, C]. */
  readonly inputShape: readonly [number, number, number];
  readonly input: string;
  /** In topological order, the layers of inner models in their place. */
  readonly layers: readonly KerasLayer[];
}

const SEQUENTIAL = ['Sequential'];
const FUNCTIONAL = ['Model', 'Functional'];
/** Of models inside models; a file that goes deeper is no net. */
const DEEPEST = 16;

/**
 * Reads the `modelTopology` of a LayersModel, or the `model_config` of an HDF5 file: Sequential or functional, with
 * models inside models, as tfjs-layers or Keras writes it; node lists of Keras 2 and 3.
 *
 * @throws UnsupportedLayerError for shared layers, several inputs or outputs.
 * @throws ModelFileError for anything that is not such a topology, with the place in it.
 */
export function readTopology(modelTopology: unknown): Topology {
  const file = asObject(modelTopology, 'modelTopology');
  const entry = file.model_config === undefined ? file : asObject(file.model_config, 'model_config');
  const kind = asText(entry.class_name, 'modelTopology.class_name');
  const model = readModel(kind, entry.config, 'modelTopology.config', 0);
  if (!model) {
    throw new ModelFileError({
      asked: 'modelTopology.class_name',
      got: `"${kind}"`,
      allowed: [...SEQUENTIAL, ...FUNCTIONAL].join(', '),
    });
  }
  const { name, input } = model;
  return { name, input, inputShape: readInputShape(model), layers: flattenModel(model) };
}

/** undefined where the class is not that of a model. */
function readModel(className: string, config: unknown, where: string, depth: number): KerasModel | undefined {
  const isSequential = SEQUENTIAL.includes(className);
  if (!isSequential && !FUNCTIONAL.includes(className)) return undefined;
  if (depth > DEEPEST) {
    throw new ModelFileError({
      asked: where,
      got: 'a model inside a model, again and again',
      allowed: `${DEEPEST} levels`,
    });
  }
  if (isSequential) return readSequential(config, where, depth);
  return readFunctional(asObject(config, where), where, depth);
}

function readSequential(value: unknown, where: string, depth: number): KerasModel {
  const config = Array.isArray(value) ? { layers: value } : asObject(value, where);
  const entries = asArray(config.layers, `${where}.layers`).map((entry, i) => readEntry(entry, i, depth));
  const [first, ...others] = entries;
  if (!first) throw new ModelFileError({ asked: `${where}.layers`, got: 'none' });
  const second = others.find((entry) => entry.className === 'InputLayer');
  if (second) throw secondInput(second.name);
  const startsWithInput = first.className === 'InputLayer';
  const input = startsWithInput ? first.name : 'the input of the Sequential model';
  const chain = startsWithInput ? others : entries;
  const layers = chain.map((entry, i) => ({ ...entry, inputs: [i === 0 ? input : chain[i - 1]!.name] }));
  checkNames([input, ...layers.map((layer) => layer.name)]);
  const inputShape = batchShape(first.config) ?? first.model?.inputShape ?? config.build_input_shape;
  return { name: modelName(config), inputShape, input, output: layers.at(-1)?.name ?? input, layers };
}

function readFunctional(config: JsonObject, where: string, depth: number): KerasModel {
  const values = asArray(config.layers, `${where}.layers`);
  const entries = values.map((value, i) => readEntry(value, i, depth));
  checkNames(entries.map((entry) => entry.name));
  const models = new Set(entries.filter((entry) => entry.model).map((entry) => entry.name));
  const layers = new Map<string, ModelLayer>();
  for (const [i, entry] of entries.entries()) {
    const inputs = readInbound((values[i] as JsonObject).inbound_nodes ?? [], entry, models);
    layers.set(entry.name, { ...entry, inputs });
  }
  const input = onlyEnd(config, 'input_layers', layers);
  const output = onlyEnd(config, 'output_layers', layers);
  const inputShape = batchShape(layers.get(input)!.config);
  return { name: modelName(config), inputShape, input, output, layers: inOrder(layers, input, output) };
}

function readEntry(value: unknown, i: number, depth: number): Omit<ModelLayer, 'inputs'> {
  const entry = asObject(value, `layers[${i}]`);
  const className = asText(entry.class_name, `layers[${i}].class_name`);
  const config = asObject(entry.config, `layers[${i}].config`);
  const name = asText(entry.name ?? config.name, `layers[${i}] (${className}), name`);
  const model = readModel(className, config, `layer "${name}" (${className}), config`, depth + 1);
  return { name, weightName: name, className, config, ...(model && { model }) };
}

function readInbound(
  value: unknown,
  layer: Omit<KerasLayer, 'inputs'>,
  models: ReadonlySet<string>,
): string[] {
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
    // A model has been called once already when it was made.
    const isFirstCall = (nodeIndex ?? 0) === 0 || (models.has(String(source)) && nodeIndex === 1);
    if (!isFirstCall || (tensorIndex ?? 0) !== 0) {
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

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new ModelFileError({ asked: `layer "${twice}"`, got: 'two layers of this name', allowed: 'one' });
}

function batchShape(config: JsonObject): unknown {
  return config.batch_input_shape ?? config.batch_shape;
}

function readInputShape({ inputShape, input, layers }: KerasModel): readonly [number, number, number] {
  const sides = Array.isArray(inputShape) ? inputShape.slice(1) : [];
  if (sides.length === 3 && sides.every((side) => Number.isSafeInteger(side) && side >= 1)) {
    return sides as unknown as readonly [number, number, number];
  }
  throw new ModelFileError({
    asked: `layer "${layers.find((layer) => layer.inputs[0] === input)?.name ?? input}": batch_input_shape`,
    got: describe(inputShape),
    allowed: '[null, height, width, channels] with whole numbers from 1',
    remedy: 'Export the model with a fixed input size.',
  });
}

function modelName(config: JsonObject): string {
  return typeof config.name === 'string' && config.name !== '' ? config.name : 'model';
}
