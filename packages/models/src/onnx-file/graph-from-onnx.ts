import { INPUT, type LayerGraph, UnsupportedLayerError } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { GraphBuilder, type ReadModelOptions } from '../graph-builder.ts';
import { torchvisionPreprocessing } from '../image-net-preprocessing.ts';
import { unsupportedLayers } from '../unsupported-layers.ts';
import { wellKnownPreprocessing } from '../well-known-nets.ts';
import { CHANNEL_OPERATORS } from './channel-operators.ts';
import { DENSE_OPERATORS } from './dense-operators.ts';
import { type ExternalData, withExternalData } from './external-data.ts';
import { decodeOnnx, type OnnxModel, type OnnxNode } from './onnx-proto.ts';
import { type Activation, nameOf, type Operator, OperatorNode, type Value } from './operator-node.ts';
import { SHAPE_OPERATORS } from './shape-operators.ts';
import { WINDOW_OPERATORS } from './window-operators.ts';

const OPERATORS: Readonly<Record<string, Operator>> = {
  ...WINDOW_OPERATORS,
  ...CHANNEL_OPERATORS,
  ...DENSE_OPERATORS,
  ...SHAPE_OPERATORS,
};

/** The ONNX operators that can be read. */
export const SUPPORTED_ONNX_OPERATORS: readonly string[] = Object.keys(OPERATORS);

export interface ReadOnnxOptions extends ReadModelOptions {
  /** The files that the model keeps its weights in, by the paths it gives them; see `externalFilesOf`. */
  readonly externalData?: ExternalData;
}

/**
 * Reads an image classifier in ONNX as PyTorch exports it: one picture [B, C, H, W] of fixed size in, class scores
 * out. Weights come in the order of a LayerGraph (NHWC); rows of a matrix behind a flatten are put in its order too.
 * ONNX has no word for preprocessing: a net of three channels that is not known by its name, nor told by the options,
 * is taken to want torchvision's, and `preprocessingAssumed` says so.
 *
 * @param bytes of the .onnx file
 * @throws UnsupportedLayerError naming the node, for operators and settings that clearmaps does not know.
 * @throws ModelFileError when the file is cut short or contradicts itself.
 * @throws GraphError when the layers do not fit each other.
 */
export function graphFromOnnx(bytes: Uint8Array, options: ReadOnnxOptions = {}): LayerGraph {
  const model = withExternalData(decodeOnnx(bytes), options.externalData);
  const values = new Map<string, Value>(
    model.initializers.map((tensor) => [tensor.name, { constant: tensor }]),
  );
  const { input, inputShape, dims } = pictureInput(model, values);
  const output = onlyOutput(model);
  const nodes = neededNodes(model.nodes, output);
  const types = nodes.map((node) => ({ name: nameOf(node), type: node.type }));
  const unsupported = unsupportedLayers(types, SUPPORTED_ONNX_OPERATORS);
  if (unsupported) throw unsupported;
  const builder = new GraphBuilder(inputShape);
  values.set(input, { layer: INPUT, dims });
  for (const node of nodes) {
    const value = OPERATORS[node.type]!(new OperatorNode(node, values, builder));
    if (value === undefined || values.has(node.outputs[0]!)) {
      throw new ModelFileError({
        asked: `layer "${nameOf(node)}" (${node.type})`,
        got: value === undefined ? 'no input' : `output "${node.outputs[0]}", which is given already`,
      });
    }
    values.set(node.outputs[0]!, value);
  }
  checkOutput(output, values.get(output));
  const { name = model.name || 'model', classNames } = options;
  const stated = options.preprocessing ?? wellKnownPreprocessing({ name, inputShape });
  const preprocessingAssumed = stated === undefined && inputShape[2] === 3;
  const preprocessing = preprocessingAssumed ? torchvisionPreprocessing(inputShape) : stated;
  const graph = builder.finish({ name, classNames, preprocessing });
  return preprocessingAssumed ? { ...graph, preprocessingAssumed } : graph;
}

/** Those that the output depends on, in the order of the file. */
function neededNodes(nodes: readonly OnnxNode[], output: string): readonly OnnxNode[] {
  const givers = new Map(nodes.flatMap((node) => node.outputs.map((value) => [value, node])));
  const needed = new Set<OnnxNode>();
  const open = [output];
  while (open.length > 0) {
    const node = givers.get(open.pop()!);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    open.push(...node.inputs);
  }
  return nodes.filter((node) => needed.has(node));
}

function pictureInput({ inputs }: OnnxModel, constants: ReadonlyMap<string, Value>) {
  // Old files list their weights among the inputs too.
  const ports = inputs.filter(({ name }) => !constants.has(name));
  const [port] = ports;
  if (!port || ports.length > 1) {
    throw new UnsupportedLayerError({
      asked: 'inputs of the ONNX model',
      got: ports.length === 0 ? 'none' : ports.map(({ name }) => `"${name}"`).join(', '),
      allowed: 'one, the picture',
    });
  }
  const [batch = 1, channels, height, width] = port.shape;
  if (port.shape.length !== 4 || !channels || !height || !width) {
    throw new ModelFileError({
      asked: `input "${port.name}" of the ONNX model`,
      got: `[${port.shape.map((size) => size ?? 'open').join(', ')}]`,
      allowed: '[batch, channels, height, width], of which only the batch may be open',
      remedy: 'Export the model with a fixed picture size.',
    });
  }
  return {
    input: port.name,
    inputShape: [height, width, channels] as const,
    dims: [batch, channels, height, width],
  };
}

function onlyOutput({ outputs }: OnnxModel): string {
  if (outputs.length === 1) return outputs[0]!;
  throw new UnsupportedLayerError({
    asked: 'outputs of the ONNX model',
    got: outputs.length === 0 ? 'none' : outputs.map((name) => `"${name}"`).join(', '),
    allowed: 'one, the class scores',
  });
}

function checkOutput(name: string, value: Value | undefined): asserts value is Activation {
  if (value && 'layer' in value && value.layer !== INPUT && !value.flattened) return;
  throw new ModelFileError({
    asked: `output "${name}" of the ONNX model`,
    got: value && 'layer' in value && value.flattened ? 'a flattened map' : 'a value that no layer gives',
    allowed: 'class scores',
  });
}
