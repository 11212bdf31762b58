import { GraphError, UnsupportedLayerError } from './errors.ts';
import {
  type AffineLayer,
  type Border,
  type Conv2dLayer,
  type DenseLayer,
  INPUT,
  type Layer,
  type LayerGraph,
  type LayerType,
  type Padding,
  type Pair,
  type PoolLayer,
  type Weight,
} from './layer-graph.ts';
import { windowGeometry } from './window-geometry.ts';

/** [H, W, C] or, after a global pool, a flatten or a dense layer, [C]. Without the batch. */
export type Shape = readonly number[];

/** What each layer type does to shapes. A new type is one row here, one in forward.ts, one in backproject.ts. */
const SHAPES: { [T in LayerType]: (layer: Extract<Layer, { type: T }>, inputs: readonly Shape[]) => Shape } =
  {
    conv2d: convShape,
    maxPool2d: poolShape,
    averagePool2d: poolShape,
    dense: denseShape,
    affine: affineShape,
    relu: (layer, inputs) => only(layer, inputs),
    relu6: (layer, inputs) => only(layer, inputs),
    leakyRelu: (layer, inputs) => {
      if (!(layer.alpha >= 0 && layer.alpha < 1)) fail(layer, 'alpha', String(layer.alpha), '0 <= alpha < 1');
      return only(layer, inputs);
    },
    zeroPadding2d: (layer, inputs) => {
      const [height, width, channels] = spatial(layer, inputs);
      if (!isBorder(layer.padding)) fail(layer, 'padding', String(JSON.stringify(layer.padding)), BORDER);
      const [[top, bottom], [left, right]] = layer.padding;
      return [top + height + bottom, left + width + right, channels];
    },
    dropout: (layer, inputs) => {
      if (!(layer.rate >= 0 && layer.rate < 1)) fail(layer, 'rate', String(layer.rate), '0 <= rate < 1');
      return only(layer, inputs);
    },
    softmax: (layer, inputs) => only(layer, inputs),
    globalAveragePool2d: (layer, inputs) => [spatial(layer, inputs)[2]],
    flatten: (layer, inputs) => [only(layer, inputs).reduce((a, b) => a * b, 1)],
    add: (layer, inputs) => {
      several(layer, inputs);
      const first = inputs[0]!;
      for (const shape of inputs) {
        if (String(shape) !== String(first))
          fail(layer, 'input shapes', shapes(inputs), 'one and the same shape');
      }
      return first;
    },
    concat: (layer, inputs) => {
      several(layer, inputs);
      const lead = String(inputs[0]!.slice(0, -1));
      if (inputs.some((shape) => String(shape.slice(0, -1)) !== lead || shape.length !== inputs[0]!.length)) {
        fail(layer, 'input shapes', shapes(inputs), 'shapes that differ in channels only');
      }
      return [...inputs[0]!.slice(0, -1), inputs.reduce((sum, shape) => sum + shape.at(-1)!, 0)];
    },
  };

/** The layer types that every engine of clearmaps runs. */
export const LAYER_TYPES = Object.keys(SHAPES) as readonly LayerType[];

/**
 * Checks a graph and infers the output shape of every layer, the input included under the name `input`.
 *
 * @throws GraphError naming the layer, for: names that repeat, inputs that do not come earlier, options out of
 *   range, weights whose length, shape or values do not fit, shapes that do not meet, outputs that nobody uses,
 *   class names that are too many or too few.
 * @throws UnsupportedLayerError for a layer type that is not in {@link LAYER_TYPES}.
 */
export function validateGraph(graph: LayerGraph): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  if (!Array.isArray(graph.inputShape) || graph.inputShape.length !== 3 || !graph.inputShape.every(isCount)) {
    throw new GraphError({
      asked: `graph "${graph.name}": inputShape`,
      got: JSON.stringify(graph.inputShape),
      allowed: '[height, width, channels], whole numbers from 1',
    });
  }
  if (graph.layers.length === 0)
    throw new GraphError({ asked: `graph "${graph.name}": layers`, got: 'none' });
  shapes.set(INPUT, graph.inputShape);
  const used = new Set<string>();
  for (const [position, layer] of graph.layers.entries()) {
    if (!layer.name || shapes.has(layer.name)) {
      fail(layer, `name of layer ${position + 1}`, 'a name that is empty or taken', 'a name of its own');
    }
    if (layer.inputs.length === 0) fail(layer, 'inputs', 'none', 'at least one earlier layer or "input"');
    const inputs = layer.inputs.map((name) => {
      used.add(name);
      return (
        shapes.get(name) ??
        fail(layer, 'inputs', `"${name}"`, `an earlier layer: ${[...shapes.keys()].join(', ')}`)
      );
    });
    const last = position === graph.layers.length - 1;
    if (layer.type === 'softmax' && !last) fail(layer, 'position', `${position + 1}`, 'the last one');
    shapes.set(layer.name, layerShape(layer, inputs));
  }
  const output = graph.layers.at(-1)!;
  const unused = [...shapes.keys()].find((name) => name !== output.name && !used.has(name));
  if (unused !== undefined) {
    throw new GraphError({
      asked: `layer "${unused}"`,
      got: 'an output that no layer takes',
      allowed: `one output, "${output.name}"`,
      remedy: 'Remove the branch or connect it.',
    });
  }
  const classes = shapes.get(output.name)!.at(-1)!;
  if (graph.classNames !== undefined && graph.classNames.length !== classes) {
    throw new GraphError({
      asked: `graph "${graph.name}": classNames`,
      got: `${graph.classNames.length} names`,
      allowed: `${classes}, one a class of layer "${output.name}"`,
    });
  }
  return shapes;
}

/**
 * The output shape of one layer, from the shapes of its inputs.
 *
 * @throws GraphError, UnsupportedLayerError as {@link validateGraph} does for this layer.
 */
export function layerShape(layer: Layer, inputs: readonly Shape[]): Shape {
  checkType(layer);
  const infer = SHAPES[layer.type] as (layer: Layer, inputs: readonly Shape[]) => Shape;
  return infer(layer, inputs);
}

function checkType(layer: Layer): void {
  if (Object.hasOwn(SHAPES, layer.type)) return;
  throw new UnsupportedLayerError({
    asked: `layer "${layer.name}"`,
    got: `type ${JSON.stringify(layer.type)}`,
    allowed: LAYER_TYPES.join(', '),
  });
}

function convShape(layer: Conv2dLayer, inputs: readonly Shape[]): Shape {
  const input = spatial(layer, inputs);
  const dilations = layer.dilations ?? [1, 1];
  checkPair(layer, 'strides', layer.strides);
  checkPair(layer, 'dilations', dilations);
  checkPadding(layer);
  const { kernel, groups = 1 } = layer;
  const { shape } = kernel;
  if (shape.length !== 4 || !shape.every(isCount)) {
    fail(layer, 'kernel shape', `[${shape}]`, '[height, width, in / groups, out]');
  }
  if (!isCount(groups) || input[2] % groups !== 0 || shape[3]! % groups !== 0) {
    fail(layer, 'groups', String(groups), `a divisor of ${input[2]} input and ${shape[3]} output channels`);
  }
  if (shape[2] !== input[2] / groups) {
    const of = groups === 1 ? '' : ` in ${groups} groups`;
    fail(
      layer,
      'kernel',
      `${shape[2]} input channels`,
      `${input[2] / groups}, as layer "${layer.inputs[0]}" gives${of}`,
    );
  }
  checkWeight(layer, 'kernel', layer.kernel);
  checkBias(layer, shape[3]!);
  const { y, x } = windowGeometry(input, [shape[0]!, shape[1]!], layer.strides, dilations, layer.padding);
  return windows(layer, input, y.output, x.output, shape[3]!);
}

function poolShape(layer: PoolLayer, inputs: readonly Shape[]): Shape {
  const input = spatial(layer, inputs);
  checkPair(layer, 'poolSize', layer.poolSize);
  checkPair(layer, 'strides', layer.strides);
  checkPadding(layer);
  const { padding, poolSize } = layer;
  if (isBorder(padding) && padding.some((ends, axis) => Math.max(...ends) >= poolSize[axis]!)) {
    // Or a window could hold no pixel at all.
    fail(layer, 'padding', JSON.stringify(padding), `less than the window, [${poolSize}]`);
  }
  const { y, x } = windowGeometry(input, layer.poolSize, layer.strides, [1, 1], layer.padding);
  return windows(layer, input, y.output, x.output, input[2]);
}

function windows(layer: Layer, input: Shape, height: number, width: number, channels: number): Shape {
  if (height < 1 || width < 1) fail(layer, 'input', `[${input}]`, 'an input at least as large as the window');
  return [height, width, channels];
}

function denseShape(layer: DenseLayer, inputs: readonly Shape[]): Shape {
  const input = only(layer, inputs);
  if (input.length !== 1) fail(layer, 'input', `[${input}]`, 'rank 1: put a flatten layer before it');
  const { shape } = layer.kernel;
  if (shape.length !== 2 || shape[0] !== input[0] || !isCount(shape[1]!)) {
    fail(layer, 'kernel shape', `[${shape}]`, `[${input[0]}, out]`);
  }
  checkWeight(layer, 'kernel', layer.kernel);
  checkBias(layer, shape[1]!);
  return [shape[1]!];
}

function affineShape(layer: AffineLayer, inputs: readonly Shape[]): Shape {
  const input = only(layer, inputs);
  const channels = input.at(-1)!;
  for (const role of ['scale', 'shift'] as const) {
    const weight = layer[role];
    if (weight === undefined && role === 'shift') continue;
    if (weight?.shape.length !== 1 || weight.shape[0] !== channels) {
      fail(layer, `${role} shape`, `[${weight?.shape}]`, `[${channels}]`);
    }
    checkWeight(layer, role, weight);
  }
  return input;
}

function checkBias(layer: Conv2dLayer | DenseLayer, out: number): void {
  if (layer.bias === undefined) return;
  if (layer.bias.shape.length !== 1 || layer.bias.shape[0] !== out) {
    fail(layer, 'bias shape', `[${layer.bias.shape}]`, `[${out}]`);
  }
  checkWeight(layer, 'bias', layer.bias);
}

function checkWeight(layer: Layer, what: string, weight: Weight): void {
  const size = weight.shape.reduce((a, b) => a * b, 1);
  if (!(weight.values instanceof Float32Array) || weight.values.length !== size) {
    fail(
      layer,
      `${what} values`,
      `${weight.values?.length} values`,
      `a Float32Array of ${size}, [${weight.shape}]`,
    );
  }
  // One sum finds any NaN or Infinity; finite float32 values cannot overflow a float64 sum.
  let sum = 0;
  for (const value of weight.values) sum += value;
  if (!Number.isFinite(sum)) fail(layer, `${what} values`, 'NaN or Infinity among them', 'finite numbers');
}

function checkPair(layer: Layer, what: string, pair: Pair): void {
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(isCount)) {
    fail(layer, what, String(JSON.stringify(pair)), 'two whole numbers from 1');
  }
}

function checkPadding(layer: Conv2dLayer | PoolLayer): void {
  const { padding } = layer;
  if (padding !== 'same' && padding !== 'valid' && !isBorder(padding)) {
    fail(layer, 'padding', String(JSON.stringify(padding)), `'same', 'valid' or ${BORDER}`);
  }
}

const BORDER = '[[top, bottom], [left, right]] in whole numbers from 0';

function isBorder(padding: Padding): padding is Border {
  return (
    Array.isArray(padding) &&
    padding.length === 2 &&
    padding.every(
      (ends) =>
        Array.isArray(ends) && ends.length === 2 && ends.every((size) => Number.isInteger(size) && size >= 0),
    )
  );
}

function only(layer: Layer, inputs: readonly Shape[]): Shape {
  if (inputs.length !== 1) fail(layer, 'inputs', `${inputs.length}`, 'one');
  return inputs[0]!;
}

function several(layer: Layer, inputs: readonly Shape[]): void {
  if (inputs.length < 2) fail(layer, 'inputs', `${inputs.length}`, 'two or more');
}

function spatial(layer: Layer, inputs: readonly Shape[]): readonly [number, number, number] {
  const shape = only(layer, inputs);
  if (shape.length !== 3) fail(layer, 'input', `[${shape}]`, 'rank 3, [height, width, channels]');
  return shape as readonly [number, number, number];
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
const shapes = (inputs: readonly Shape[]): string => inputs.map((shape) => `[${shape}]`).join(' and ');

function fail(layer: Layer, what: string, got: string, allowed: string): never {
  throw new GraphError({ asked: `layer "${layer.name}" (${layer.type}), ${what}`, got, allowed });
}
