import { INPUT, type Layer, type LayerGraph, type Padding, type Pair } from '@clearmaps/deconvnet';

/** [H, W, C] or [C], row-major. */
export interface Value {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The slow and plain forward pass that tests compare with: float64, one loop an index. Outputs by layer name. */
export function referenceForward(graph: LayerGraph, image: ArrayLike<number>): Map<string, Value> {
  const outputs = new Map<string, Value>();
  outputs.set(INPUT, { shape: graph.inputShape, values: Float64Array.from(image) });
  for (const layer of graph.layers) {
    outputs.set(
      layer.name,
      apply(
        layer,
        layer.inputs.map((name) => outputs.get(name)!),
      ),
    );
  }
  return outputs;
}

function apply(layer: Layer, inputs: readonly Value[]): Value {
  const x = inputs[0]!;
  switch (layer.type) {
    case 'conv2d': {
      const [kh, kw, cin, cout] = layer.kernel.shape as [number, number, number, number];
      const perGroup = cout / (layer.groups ?? 1);
      const dilations = layer.dilations ?? [1, 1];
      return slide(x, [kh, kw], layer.strides, dilations, layer.padding, cout, (taps, k) => {
        let sum = layer.bias?.values[k] ?? 0;
        const first = Math.floor(k / perGroup) * cin;
        for (const { i, j, offset } of taps) {
          for (let c = 0; c < cin; c++) {
            sum += x.values[offset + first + c]! * layer.kernel.values[((i * kw + j) * cin + c) * cout + k]!;
          }
        }
        return sum;
      });
    }
    case 'maxPool2d':
    case 'averagePool2d':
      return slide(x, layer.poolSize, layer.strides, [1, 1], layer.padding, x.shape[2]!, (taps, k) => {
        const seen = taps.map(({ offset }) => x.values[offset + k]!);
        return layer.type === 'maxPool2d' ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / seen.length;
      });
    case 'globalAveragePool2d': {
      const channels = x.shape[2]!;
      const values = new Float64Array(channels);
      for (const [i, value] of x.values.entries())
        values[i % channels]! += value / (x.values.length / channels);
      return { shape: [channels], values };
    }
    case 'dense': {
      const [nin, nout] = layer.kernel.shape as [number, number];
      const values = Float64Array.from({ length: nout }, (_, k) => {
        let sum = layer.bias?.values[k] ?? 0;
        for (let c = 0; c < nin; c++) sum += x.values[c]! * layer.kernel.values[c * nout + k]!;
        return sum;
      });
      return { shape: [nout], values };
    }
    case 'relu':
      return { shape: x.shape, values: x.values.map((value) => Math.max(value, 0)) };
    case 'relu6':
      return { shape: x.shape, values: x.values.map((value) => Math.min(Math.max(value, 0), 6)) };
    case 'leakyRelu':
      return { shape: x.shape, values: x.values.map((value) => (value > 0 ? value : value * layer.alpha)) };
    case 'affine': {
      const { scale, shift } = layer;
      const values = x.values.map((value, i) => {
        const c = i % scale.values.length;
        return value * scale.values[c]! + (shift?.values[c] ?? 0);
      });
      return { shape: x.shape, values };
    }
    case 'zeroPadding2d': {
      const [[top, bottom], [left, right]] = layer.padding;
      const [h, w, c] = x.shape as [number, number, number];
      const shape = [top + h + bottom, left + w + right, c] as const;
      const values = new Float64Array(shape[0] * shape[1] * c);
      for (let y = 0; y < h; y++) {
        const row = x.values.subarray(y * w * c, (y + 1) * w * c);
        values.set(row, ((y + top) * shape[1] + left) * c);
      }
      return { shape, values };
    }
    case 'dropout':
      return x;
    case 'flatten':
      return { shape: [x.values.length], values: x.values };
    case 'softmax': {
      const max = x.values.reduce((a, b) => Math.max(a, b));
      const raised = x.values.map((value) => Math.exp(value - max));
      const sum = raised.reduce((a, b) => a + b);
      return { shape: x.shape, values: raised.map((value) => value / sum) };
    }
    case 'add':
      return {
        shape: x.shape,
        values: x.values.map((_, i) => inputs.reduce((sum, v) => sum + v.values[i]!, 0)),
      };
    case 'concat': {
      const channels = inputs.reduce((sum, value) => sum + value.shape.at(-1)!, 0);
      const places = x.values.length / x.shape.at(-1)!;
      const values: number[] = [];
      for (let place = 0; place < places; place++) {
        for (const value of inputs) {
          const n = value.shape.at(-1)!;
          values.push(...value.values.subarray(place * n, (place + 1) * n));
        }
      }
      return { shape: [...x.shape.slice(0, -1), channels], values: Float64Array.from(values) };
    }
  }
}

interface Tap {
  readonly i: number;
  readonly j: number;
  /** Of channel 0 of the pixel in the input. */
  readonly offset: number;
}

function slide(
  x: Value,
  [kh, kw]: Pair,
  [sh, sw]: Pair,
  [dh, dw]: Pair,
  padding: Padding,
  channels: number,
  reduce: (taps: readonly Tap[], channel: number) => number,
): Value {
  const [h, w, c] = x.shape as [number, number, number];
  const [vertical, horizontal] = typeof padding === 'string' ? [padding, padding] : padding;
  const rows = axis(h, kh, sh, dh, vertical);
  const columns = axis(w, kw, sw, dw, horizontal);
  const values = new Float64Array(rows.size * columns.size * channels);
  let out = 0;
  for (let oy = 0; oy < rows.size; oy++) {
    for (let ox = 0; ox < columns.size; ox++) {
      const taps: Tap[] = [];
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const y = oy * sh + i * dh - rows.before;
          const xx = ox * sw + j * dw - columns.before;
          if (y >= 0 && y < h && xx >= 0 && xx < w) taps.push({ i, j, offset: (y * w + xx) * c });
        }
      }
      for (let k = 0; k < channels; k++) values[out++] = reduce(taps, k);
    }
  }
  return { shape: [rows.size, columns.size, channels], values };
}

/** Numbers of rows before and after, or TensorFlow's rule: 'same' gives ceil(n / stride) outputs and puts the odd row of padding after. */
function axis(n: number, kernel: number, stride: number, dilation: number, padding: 'same' | 'valid' | Pair) {
  const window = (kernel - 1) * dilation + 1;
  if (padding !== 'same') {
    const [before, after] = (padding === 'valid' ? [0, 0] : padding) as Pair;
    return { size: Math.ceil((before + n + after - window + 1) / stride), before };
  }
  const size = Math.ceil(n / stride);
  return { size, before: Math.floor(Math.max(0, (size - 1) * stride + window - n) / 2) };
}
