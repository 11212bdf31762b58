import type { Conv2dLayer, Layer, LayerGraph, Padding, Pair, PoolLayer, Weight } from '@clearmaps/deconvnet';

/** A value with its shape, batch first, in double precision. */
interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

type Weights = ReadonlyMap<string, Float64Array>;

/**
 * The mean cross-entropy of a batch, by plain loops in double precision: slow, and written without a look at the
 * code under test. `masks` multiplies what dropout layers receive.
 */
export function oracleLoss(
  graph: LayerGraph,
  weights: Weights,
  images: Values,
  labels: readonly number[],
  smoothing = 0,
  masks: ReadonlyMap<string, Float32Array> = new Map(),
): number {
  const outputs = new Map<string, Values>([['input', images]]);
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    outputs.set(layer.name, run(layer, inputs, weights, masks));
  }
  const { shape, data } = outputs.get(graph.layers.at(-1)!.name)!;
  const classes = shape[1]!;
  const softmaxed = graph.layers.at(-1)!.type === 'softmax';
  let loss = 0;
  labels.forEach((label, b) => {
    const scores = data.subarray(b * classes, (b + 1) * classes);
    const sum = scores.reduce((total, score) => total + (softmaxed ? score : Math.exp(score)), 0);
    scores.forEach((score, c) => {
      const target = smoothing / classes + (c === label ? 1 - smoothing : 0);
      loss -= target * ((softmaxed ? Math.log(score) : score) - Math.log(sum));
    });
  });
  return loss / labels.length;
}

/** d loss / d weight of the asked entries, by central differences. */
export function oracleGradient(
  loss: (weights: Weights) => number,
  weights: Weights,
  key: string,
  entries: readonly number[],
  epsilon = 1e-5,
): number[] {
  return entries.map((i) => {
    const shifted = (by: number): number => {
      const values = weights.get(key)!.slice();
      values[i]! += by;
      return loss(new Map([...weights, [key, values]]));
    };
    return (shifted(epsilon) - shifted(-epsilon)) / (2 * epsilon);
  });
}

export function oracleWeights(graph: LayerGraph): Map<string, Float64Array> {
  const weights = new Map<string, Float64Array>();
  for (const layer of graph.layers) {
    if (layer.type !== 'conv2d' && layer.type !== 'dense') continue;
    weights.set(`${layer.name}/kernel`, Float64Array.from(layer.kernel.values));
    if (layer.bias) weights.set(`${layer.name}/bias`, Float64Array.from(layer.bias.values));
  }
  return weights;
}

function run(
  layer: Layer,
  inputs: readonly Values[],
  weights: Weights,
  masks: ReadonlyMap<string, Float32Array>,
): Values {
  const [x] = inputs as [Values];
  switch (layer.type) {
    case 'conv2d':
      return convolve(layer, x, weights.get(`${layer.name}/kernel`)!, weights.get(`${layer.name}/bias`));
    case 'dense':
      return multiply(
        layer.kernel,
        x,
        weights.get(`${layer.name}/kernel`)!,
        weights.get(`${layer.name}/bias`),
      );
    case 'relu':
      return { shape: x.shape, data: x.data.map((value) => Math.max(value, 0)) };
    case 'relu6':
      return { shape: x.shape, data: x.data.map((value) => Math.min(Math.max(value, 0), 6)) };
    case 'leakyRelu':
      return { shape: x.shape, data: x.data.map((value) => (value > 0 ? value : layer.alpha * value)) };
    case 'affine': {
      const { scale, shift } = layer;
      const channels = scale.values.length;
      return {
        shape: x.shape,
        data: x.data.map(
          (value, i) => value * scale.values[i % channels]! + (shift?.values[i % channels] ?? 0),
        ),
      };
    }
    case 'zeroPadding2d': {
      const [b, h, w, c] = x.shape as [number, number, number, number];
      const [[top, bottom], [left, right]] = layer.padding;
      const [tall, wide] = [top + h + bottom, left + w + right];
      const data = new Float64Array(b * tall * wide * c);
      x.data.forEach((value, i) => {
        const [image, y, column] = [
          Math.floor(i / (h * w * c)),
          Math.floor(i / (w * c)) % h,
          Math.floor(i / c) % w,
        ];
        data[((image * tall + top + y) * wide + left + column) * c + (i % c)] = value;
      });
      return { shape: [b, tall, wide, c], data };
    }
    case 'dropout': {
      const mask = masks.get(layer.name);
      return { shape: x.shape, data: x.data.map((value, i) => value * (mask ? mask[i]! : 1)) };
    }
    case 'maxPool2d':
      return pool(layer, x, (values) => Math.max(...values));
    case 'averagePool2d':
      return pool(layer, x, (values) => values.reduce((a, b) => a + b, 0) / values.length);
    case 'globalAveragePool2d': {
      const [b, h, w, c] = x.shape as [number, number, number, number];
      const data = new Float64Array(b * c);
      x.data.forEach((value, i) => {
        data[Math.floor(i / (h * w * c)) * c + (i % c)]! += value / (h * w);
      });
      return { shape: [b, c], data };
    }
    case 'flatten':
      return { shape: [x.shape[0]!, x.data.length / x.shape[0]!], data: x.data };
    case 'add':
      return {
        shape: x.shape,
        data: x.data.map((_, i) => inputs.reduce((sum, { data }) => sum + data[i]!, 0)),
      };
    case 'concat': {
      const places = x.data.length / x.shape.at(-1)!;
      const data: number[] = [];
      for (let place = 0; place < places; place++) {
        for (const { shape, data: part } of inputs) {
          const c = shape.at(-1)!;
          data.push(...part.subarray(place * c, (place + 1) * c));
        }
      }
      return { shape: [...x.shape.slice(0, -1), data.length / places], data: Float64Array.from(data) };
    }
    case 'softmax': {
      const classes = x.shape[1]!;
      const exponentials = x.data.map(Math.exp);
      return {
        shape: x.shape,
        data: exponentials.map((value, i) => {
          const row = Math.floor(i / classes) * classes;
          return value / exponentials.subarray(row, row + classes).reduce((a, b) => a + b, 0);
        }),
      };
    }
  }
}

/** For each window along an axis, the pixels it reads by tap; undefined in the padding. */
function windows(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'same' | 'valid' | Pair,
): (number | undefined)[][] {
  const extent = (kernel - 1) * dilation + 1;
  const same = padding === 'same';
  const [above, below] = typeof padding === 'string' ? [0, 0] : padding;
  const count = same ? Math.ceil(size / stride) : Math.floor((above + size + below - extent) / stride) + 1;
  const before = same ? Math.floor(Math.max(0, (count - 1) * stride + extent - size) / 2) : above;
  return Array.from({ length: count }, (_, o) =>
    Array.from({ length: kernel }, (_, k) => {
      const pixel = o * stride + k * dilation - before;
      return pixel >= 0 && pixel < size ? pixel : undefined;
    }),
  );
}

const along = (padding: Padding, axis: 0 | 1) => (typeof padding === 'string' ? padding : padding[axis]);

function convolve(layer: Conv2dLayer, x: Values, kernel: Float64Array, bias?: Float64Array): Values {
  const [batch, height, width, channelsIn] = x.shape as [number, number, number, number];
  const [kh, kw, perGroup, channelsOut] = layer.kernel.shape as [number, number, number, number];
  const { groups = 1 } = layer;
  const [dy, dx]: Pair = layer.dilations ?? [1, 1];
  const rows = windows(height, kh, layer.strides[0], dy, along(layer.padding, 0));
  const columns = windows(width, kw, layer.strides[1], dx, along(layer.padding, 1));
  const data: number[] = [];
  for (let b = 0; b < batch; b++)
    for (const row of rows)
      for (const column of columns)
        for (let out = 0; out < channelsOut; out++) {
          let sum = bias?.[out] ?? 0;
          row.forEach((y, i) => {
            column.forEach((z, j) => {
              if (y === undefined || z === undefined) return;
              const first = Math.floor(out / (channelsOut / groups)) * perGroup;
              for (let c = 0; c < perGroup; c++) {
                sum +=
                  x.data[((b * height + y) * width + z) * channelsIn + first + c]! *
                  kernel[((i * kw + j) * perGroup + c) * channelsOut + out]!;
              }
            });
          });
          data.push(sum);
        }
  return { shape: [batch, rows.length, columns.length, channelsOut], data: Float64Array.from(data) };
}

function pool(layer: PoolLayer, x: Values, summary: (values: number[]) => number): Values {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const rows = windows(height, layer.poolSize[0], layer.strides[0], 1, along(layer.padding, 0));
  const columns = windows(width, layer.poolSize[1], layer.strides[1], 1, along(layer.padding, 1));
  const data: number[] = [];
  for (let b = 0; b < batch; b++)
    for (const row of rows)
      for (const column of columns)
        for (let c = 0; c < channels; c++) {
          const values = row.flatMap((y) =>
            column.flatMap((z) =>
              y === undefined || z === undefined
                ? []
                : [x.data[((b * height + y) * width + z) * channels + c]!],
            ),
          );
          data.push(summary(values));
        }
  return { shape: [batch, rows.length, columns.length, channels], data: Float64Array.from(data) };
}

function multiply(kernel: Weight, x: Values, values: Float64Array, bias?: Float64Array): Values {
  const [channelsIn, channelsOut] = kernel.shape as [number, number];
  const batch = x.shape[0]!;
  const data = new Float64Array(batch * channelsOut);
  for (let b = 0; b < batch; b++)
    for (let out = 0; out < channelsOut; out++) {
      let sum = bias?.[out] ?? 0;
      for (let c = 0; c < channelsIn; c++)
        sum += x.data[b * channelsIn + c]! * values[c * channelsOut + out]!;
      data[b * channelsOut + out] = sum;
    }
  return { shape: [batch, channelsOut], data };
}
