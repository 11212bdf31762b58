import {
  type Bound,
  type Composite,
  definitionOf,
  INPUT,
  type Layer,
  type LayerGraph,
  type Padding,
  type Rule,
  type Seed,
} from '../src/index.ts';
import { relevanceByWire, ruleFor } from './relevance-oracle.ts';

/**
 * A slow second opinion in float64. Every linear layer is written out as its wires: wire i carries
 * `weight[i]` times element `from[i]` of input `port[i]` to element `to[i]` of the output. Forward adds along the
 * wires, the way back adds against them, so there is no transposed convolution, no phase and no tile to get wrong.
 * A max pool has a wire from every pixel of a window, of which the forward pass lets one through.
 */
export interface Wiring {
  readonly port: number[];
  readonly from: number[];
  readonly to: number[];
  readonly weight: number[];
}

type Size = readonly [height: number, width: number, channels: number];

interface Node {
  readonly layer: Layer;
  readonly size: Size;
  readonly wiring: Wiring;
}

export interface OracleTrace {
  /** Layer outputs, row-major [h, w, c]. */
  readonly values: ReadonlyMap<string, Float64Array>;
  /** Of each max pool: the input element that each output element came from. */
  readonly winners: ReadonlyMap<string, Int32Array>;
  /**
   * How far the nearest decision is from tipping over: the smallest distance of a ReLU's input from a kink and the smallest lead of a
   * maximum over a runner-up that differs from it, relative to the layer's largest value. Float32 decides alike
   * where this is well above its rounding error.
   */
  readonly margin: number;
}

const count = ([height, width, channels]: Size): number => height * width * channels;
const at = ([, width, channels]: Size, y: number, x: number, c: number): number =>
  (y * width + x) * channels + c;

export class Oracle {
  /** See {@link relevanceByWire}. */
  jitter = 0;
  private readonly nodes: Node[] = [];
  private readonly sizes = new Map<string, Size>();

  /**
   * @param featureMap the layer whose output is z_L: the test says it, the oracle does not search
   * @param pool a global average pooling before that layer, where z_L stands on the map that it received
   */
  constructor(
    readonly graph: LayerGraph,
    readonly featureMap: string,
    readonly pool?: string,
  ) {
    this.sizes.set(INPUT, graph.inputShape);
    for (const layer of graph.layers) {
      const inputs = layer.inputs.map((name) => this.sizes.get(name)!);
      const node = { layer, ...wire(layer, inputs) };
      this.nodes.push(node);
      this.sizes.set(layer.name, node.size);
    }
  }

  /** [h, w, N]. */
  get featureMapSize(): Size {
    const [height, width] = this.sizes.get(this.pooled ?? this.featureMap)!;
    return [height, width, this.sizes.get(this.featureMap)![2]];
  }

  /** The layer whose output `pool` takes. */
  private get pooled(): string | undefined {
    return this.graph.layers.find(({ name }) => name === this.pool)?.inputs[0];
  }

  /**
   * z_L, [h, w, N]. Behind a pooling, the scores as they follow from each place: the derivative of score c with
   * respect to what the pooling gave, times the channels of the place, plus what makes the mean of all places the
   * score.
   */
  featureMapOf(trace: OracleTrace): Float64Array {
    const scores = trace.values.get(this.featureMap)!;
    if (this.pool === undefined) return scores;
    const map = trace.values.get(this.pooled!)!;
    const means = trace.values.get(this.pool)!;
    const weights = this.headWeights(trace);
    const places = map.length / means.length;
    return Float64Array.from({ length: places * scores.length }, (_, i) => {
      const [place, c] = [Math.floor(i / scores.length), i % scores.length];
      const away = (mean: number, k: number) => map[place * means.length + k]! - mean;
      return means.reduce((sum, mean, k) => sum + weights[c]![k]! * away(mean, k), scores[c]!);
    });
  }

  /** Of every class: the derivative of its score with respect to what the pooling gave. */
  private headWeights(trace: OracleTrace): Float64Array[] {
    const scores = trace.values.get(this.featureMap)!;
    return Array.from(scores, (_, c) =>
      this.back(
        trace,
        'gradient',
        this.featureMap,
        Float64Array.from(scores, (_, i) => (i === c ? 1 : 0)),
        this.pool!,
      ),
    );
  }

  forward(image: ArrayLike<number>): OracleTrace {
    const values = new Map<string, Float64Array>([[INPUT, Float64Array.from(image)]]);
    const winners = new Map<string, Int32Array>();
    let margin = Number.POSITIVE_INFINITY;
    for (const { layer, size, wiring } of this.nodes) {
      const inputs = layer.inputs.map((name) => values.get(name)!);
      const scale = Math.max(...inputs.flatMap((input) => [...input].map(Math.abs)), 1e-30);
      const output = new Float64Array(count(size));
      if (layer.type === 'relu' || layer.type === 'relu6' || layer.type === 'leakyRelu') {
        for (const [i, value] of inputs[0]!.entries()) {
          output[i] = activationOf(layer, value);
          if (value !== 0) margin = Math.min(margin, Math.abs(value) / scale);
          // A 6 is what another ReLU6 cut off, in float32 as well.
          if (layer.type === 'relu6' && value !== 6) margin = Math.min(margin, Math.abs(value - 6) / scale);
        }
      } else if (layer.type === 'maxPool2d') {
        const { winner, lead } = firstMaxima(wiring, inputs[0]!, output.length);
        for (const [i, from] of winner.entries()) output[i] = inputs[0]![from]!;
        winners.set(layer.name, winner);
        margin = Math.min(margin, lead / scale);
      } else if (layer.type === 'softmax') {
        output.set(softmaxOf(inputs[0]!, size[2]));
      } else {
        const bias =
          'bias' in layer ? layer.bias?.values : 'shift' in layer ? layer.shift?.values : undefined;
        if (bias) {
          for (let i = 0; i < output.length; i++) output[i] = bias[i % bias.length]!;
        }
        const { port, from, to, weight } = wiring;
        for (let i = 0; i < to.length; i++) {
          output[to[i]!] = output[to[i]!]! + weight[i]! * inputs[port[i]!]![from[i]!]!;
        }
      }
      values.set(layer.name, output);
    }
    return { values, winners, margin };
  }

  /** Class scores before the softmax. */
  logits(trace: OracleTrace): Float64Array {
    const last = this.graph.layers.at(-1)!;
    return trace.values.get(last.type === 'softmax' ? last.inputs[0]! : last.name)!;
  }

  /** R(x|c): [H, W, C]. `seedValues`, in the size of the feature map, replaces the seed where given. */
  respond(
    trace: OracleTrace,
    rule: Rule | Composite,
    seed: Seed | Float64Array,
    classIndex?: number,
    end: string = INPUT,
  ): Float64Array {
    const values = typeof seed === 'string' ? this.seed(trace, seed, classIndex!) : seed;
    if (rule === 'gradient-x-input') {
      const slopes = this.respond(trace, 'gradient', values, classIndex, end);
      return slopes.map((slope, i) => slope * trace.values.get(end)![i]!);
    }
    if (this.pool === undefined) return this.back(trace, rule, this.featureMap, values, end);
    const { composite } = definitionOf(rule);
    if (composite) {
      return this.back(trace, rule, this.pooled!, this.headRelevance(trace, composite, values), end);
    }
    const weights = this.headWeights(trace);
    const map = trace.values.get(this.pooled!)!;
    const channels = weights[0]!.length;
    const atMap = Float64Array.from(map, (_, i) =>
      weights.reduce(
        (sum, row, c) => sum + values[Math.floor(i / channels) * weights.length + c]! * row[i % channels]!,
        0,
      ),
    );
    return this.back(trace, rule, this.pooled!, atMap, end);
  }

  /** Relevance through the head, place by place: each of its layers is a line, through what the mean of places gave. */
  private headRelevance(trace: OracleTrace, composite: Composite, seed: Float64Array): Float64Array {
    const map = trace.values.get(this.pooled!)!;
    const channels = trace.values.get(this.pool!)!.length;
    const first = this.nodes.findIndex(({ layer }) => layer.name === this.pool) + 1;
    const last = this.nodes.findIndex(({ layer }) => layer.name === this.featureMap);
    const head = this.nodes.slice(first, last + 1);
    const result = new Float64Array(map.length);
    for (let place = 0; place < map.length / channels; place++) {
      const values = [map.slice(place * channels, (place + 1) * channels)];
      for (const { layer, wiring, size } of head) {
        const at = values.at(-1)!;
        const mean = trace.values.get(layer.inputs[0]!)!;
        if (layer.type === 'relu' || layer.type === 'relu6' || layer.type === 'leakyRelu') {
          const slopes = mean.map((m) => slopeOf(layer, m));
          values.push(at.map((v, i) => (v - mean[i]!) * slopes[i]! + activationOf(layer, mean[i]!)));
        } else if (layer.type === 'dense' || layer.type === 'affine') {
          const offset = layer.type === 'dense' ? layer.bias : layer.shift;
          const out = Float64Array.from({ length: size[2] }, (_, i) => offset?.values[i] ?? 0);
          for (const [i, to] of wiring.to.entries())
            out[to] = out[to]! + wiring.weight[i]! * at[wiring.from[i]!]!;
          values.push(out);
        } else values.push(at);
      }
      const classes = values.at(-1)!.length;
      let relevance: Float64Array = seed.slice(place * classes, (place + 1) * classes);
      for (const [i, node] of [...head.entries()].reverse()) {
        if (node.layer.type === 'dense') {
          [relevance] = this.relevance(node, [values[i]!], relevance, composite) as [Float64Array];
        }
      }
      result.set(relevance, place * channels);
    }
    return result;
  }

  /** Relevance through one linear layer. */
  private relevance(
    { layer, wiring }: Node,
    inputs: readonly Float64Array[],
    response: Float64Array,
    composite: Composite,
  ): Float64Array[] {
    const weighted = layer.type === 'conv2d' || layer.type === 'dense';
    const values = weighted ? layer.bias?.values : undefined;
    const rule = weighted ? ruleFor(this.graph, layer, composite) : undefined;
    const bound = (given: Bound | undefined, i: number, byte: number): number => {
      if (given !== undefined) return typeof given === 'number' ? given : given[i % given.length]!;
      const { scale, mean, std } = this.graph.preprocessing!;
      const c = i % mean.length;
      return (byte * scale - mean[c]!) / std[c]!;
    };
    const { low, high }: { low?: Bound; high?: Bound } = rule?.type === 'zBox' ? rule : {};
    return relevanceByWire(
      wiring,
      inputs,
      (j) => values?.[j % values.length] ?? 0,
      response,
      rule,
      (i) => [bound(low, i, 0), bound(high, i, 255)],
      this.jitter,
    );
  }

  /** Sends a response from the output of one layer to that of another, or to the input. */
  private back(
    trace: OracleTrace,
    rule: Rule | Composite,
    start: string,
    values: Float64Array,
    end: string,
  ): Float64Array {
    const { composite } = definitionOf(rule);
    const waiting = new Map<string, Float64Array>();
    const arrival = (name: string): Float64Array => {
      let array = waiting.get(name);
      if (!array) {
        array = new Float64Array(count(this.sizes.get(name)!));
        waiting.set(name, array);
      }
      return array;
    };
    arrival(start).set(values);
    for (const { layer, wiring, size } of [...this.nodes].reverse()) {
      const response = waiting.get(layer.name);
      if (!response) continue;
      if (layer.name === end) break;
      if (composite && ['relu', 'relu6', 'leakyRelu', 'affine'].includes(layer.type)) {
        const target = arrival(layer.inputs[0]!);
        for (const [i, value] of response.entries()) target[i] = target[i]! + value;
      } else if (composite && SHARING.includes(layer.type)) {
        const inputs = layer.inputs.map((name) => trace.values.get(name)!);
        for (const [k, part] of this.relevance(
          { layer, wiring, size },
          inputs,
          response,
          composite,
        ).entries()) {
          const target = arrival(layer.inputs[k]!);
          for (const [i, value] of part.entries()) target[i] = target[i]! + value;
        }
      } else if (layer.type === 'relu' || layer.type === 'relu6' || layer.type === 'leakyRelu') {
        const inward = trace.values.get(layer.inputs[0]!)!;
        const target = arrival(layer.inputs[0]!);
        const alpha = layer.type === 'leakyRelu' ? layer.alpha : 0;
        for (const [i, value] of response.entries()) {
          let passed = value;
          if ((rule === 'deconvnet' || rule === 'guided') && value < 0) passed *= alpha;
          if (rule === 'gradient' || rule === 'guided') {
            if (!(inward[i]! > 0)) passed *= alpha;
            if (layer.type === 'relu6' && inward[i]! >= 6) passed = 0;
          }
          target[i] = target[i]! + passed;
        }
      } else if (layer.type === 'maxPool2d') {
        const target = arrival(layer.inputs[0]!);
        for (const [i, from] of trace.winners.get(layer.name)!.entries()) {
          target[from] = target[from]! + response[i]!;
        }
      } else {
        const targets = layer.inputs.map(arrival);
        const { port, from, to, weight } = wiring;
        for (let i = 0; i < to.length; i++) {
          const target = targets[port[i]!]!;
          target[from[i]!] = target[from[i]!]! + weight[i]! * response[to[i]!]!;
        }
      }
    }
    return arrival(end);
  }

  seed(trace: OracleTrace, seed: Seed, classIndex: number): Float64Array {
    const channels = this.featureMapSize[2];
    return this.featureMapOf(trace).map((value, i) => {
      if (i % channels !== classIndex) return 0;
      return seed === 'unit' ? 1 : seed === 'positive' ? Math.max(value, 0) : value;
    });
  }
}

/** The pixels of every window, by window, in row-major order; padding left out. TensorFlow's rules, its own words. */
export function windowsOf(
  [height, width]: readonly number[],
  kernel: readonly [number, number],
  strides: readonly [number, number],
  padding: Padding,
  dilations: readonly [number, number] = [1, 1],
): { size: [number, number]; pixels: { y: number; x: number; ky: number; kx: number }[][] } {
  const axis = (length: number, k: number, stride: number, dilation: number, side: 0 | 1): number[] => {
    const extent = (k - 1) * dilation + 1;
    const starts: number[] = [];
    if (padding !== 'same') {
      const [before, after] = padding === 'valid' ? [0, 0] : padding[side];
      for (let start = -before; start + extent <= length + after; start += stride) starts.push(start);
      return starts;
    }
    // "If in % stride == 0: pad = max(filter - stride, 0), else pad = max(filter - in % stride, 0)."
    const pad = Math.max(extent - (length % stride === 0 ? stride : length % stride), 0);
    for (let start = 0; start < length; start += stride) starts.push(start - (pad >> 1));
    return starts;
  };
  const rows = axis(height!, kernel[0], strides[0], dilations[0], 0);
  const columns = axis(width!, kernel[1], strides[1], dilations[1], 1);
  const pixels = rows.flatMap((top) =>
    columns.map((left) => {
      const found = [];
      for (let ky = 0; ky < kernel[0]; ky++) {
        for (let kx = 0; kx < kernel[1]; kx++) {
          const y = top + ky * dilations[0];
          const x = left + kx * dilations[1];
          if (y >= 0 && y < height! && x >= 0 && x < width!) found.push({ y, x, ky, kx });
        }
      }
      return found;
    }),
  );
  return { size: [rows.length, columns.length], pixels };
}

function wire(layer: Layer, inputs: readonly Size[]): { size: Size; wiring: Wiring } {
  const wiring: Wiring = { port: [], from: [], to: [], weight: [] };
  const connect = (port: number, from: number, to: number, weight: number): void => {
    wiring.port.push(port);
    wiring.from.push(from);
    wiring.to.push(to);
    wiring.weight.push(weight);
  };
  const input = inputs[0]!;
  switch (layer.type) {
    case 'conv2d': {
      const [kh, kw, channelsIn, channelsOut] = layer.kernel.shape as [number, number, number, number];
      const windows = windowsOf(input, [kh, kw], layer.strides, layer.padding, layer.dilations);
      const size: Size = [...windows.size, channelsOut];
      const perGroup = channelsOut / (layer.groups ?? 1);
      for (const [window, pixels] of windows.pixels.entries()) {
        for (const { y, x, ky, kx } of pixels) {
          for (let i = 0; i < channelsIn; i++) {
            for (let o = 0; o < channelsOut; o++) {
              const weight = layer.kernel.values[((ky * kw + kx) * channelsIn + i) * channelsOut + o]!;
              const from = Math.floor(o / perGroup) * channelsIn + i;
              connect(0, at(input, y, x, from), window * channelsOut + o, weight);
            }
          }
        }
      }
      return { size, wiring };
    }
    case 'maxPool2d':
    case 'averagePool2d': {
      const windows = windowsOf(input, layer.poolSize, layer.strides, layer.padding);
      for (const [window, pixels] of windows.pixels.entries()) {
        for (let c = 0; c < input[2]; c++) {
          for (const { y, x } of pixels)
            connect(0, at(input, y, x, c), window * input[2] + c, 1 / pixels.length);
        }
      }
      return { size: [...windows.size, input[2]], wiring };
    }
    case 'globalAveragePool2d': {
      const places = input[0] * input[1];
      for (let i = 0; i < count(input); i++) connect(0, i, i % input[2], 1 / places);
      return { size: [1, 1, input[2]], wiring };
    }
    case 'dense': {
      const [channelsIn, channelsOut] = layer.kernel.shape as [number, number];
      for (let i = 0; i < channelsIn; i++) {
        for (let o = 0; o < channelsOut; o++) connect(0, i, o, layer.kernel.values[i * channelsOut + o]!);
      }
      return { size: [1, 1, channelsOut], wiring };
    }
    case 'flatten': {
      for (let i = 0; i < count(input); i++) connect(0, i, i, 1);
      return { size: [1, 1, count(input)], wiring };
    }
    case 'add': {
      for (const port of inputs.keys()) for (let i = 0; i < count(input); i++) connect(port, i, i, 1);
      return { size: input, wiring };
    }
    case 'concat': {
      const channels = inputs.reduce((sum, size) => sum + size[2], 0);
      let begin = 0;
      for (const [port, size] of inputs.entries()) {
        for (let i = 0; i < count(size); i++) {
          connect(port, i, Math.floor(i / size[2]) * channels + begin + (i % size[2]), 1);
        }
        begin += size[2];
      }
      return { size: [input[0], input[1], channels], wiring };
    }
    case 'dropout': {
      for (let i = 0; i < count(input); i++) connect(0, i, i, 1);
      return { size: input, wiring };
    }
    case 'affine': {
      for (let i = 0; i < count(input); i++) connect(0, i, i, layer.scale.values[i % input[2]]!);
      return { size: input, wiring };
    }
    case 'zeroPadding2d': {
      const [[top, bottom], [left, right]] = layer.padding;
      const size: Size = [top + input[0] + bottom, left + input[1] + right, input[2]];
      for (let y = 0; y < input[0]; y++) {
        for (let x = 0; x < input[1]; x++) {
          for (let c = 0; c < input[2]; c++)
            connect(0, at(input, y, x, c), at(size, y + top, x + left, c), 1);
        }
      }
      return { size, wiring };
    }
    case 'relu':
    case 'relu6':
    case 'leakyRelu':
    case 'softmax':
      return { size: input, wiring };
  }
}

/** The first of the largest elements of every window, and the smallest lead over an element that is less. */
function firstMaxima(
  { from, to }: Wiring,
  input: ArrayLike<number>,
  windows: number,
): { winner: Int32Array; lead: number } {
  const winner = new Int32Array(windows).fill(-1);
  for (let i = 0; i < to.length; i++) {
    const best = winner[to[i]!]!;
    if (best < 0 || input[from[i]!]! > input[best]!) winner[to[i]!] = from[i]!;
  }
  let lead = Number.POSITIVE_INFINITY;
  for (let i = 0; i < to.length; i++) {
    const gap = input[winner[to[i]!]!]! - input[from[i]!]!;
    // Equal values are either zeros from a ReLU or one value that came by two ways: equal in float32, too.
    if (gap > 0) lead = Math.min(lead, gap);
  }
  return { winner, lead };
}

/** {@link firstMaxima} on its own, in the precision of `image`: [h, w, c] to an input element a window. */
export function oracleSwitches(
  image: ArrayLike<number>,
  size: Size,
  pool: {
    poolSize: readonly [number, number];
    strides: readonly [number, number];
    padding: Padding;
  },
): Int32Array {
  const { wiring, size: pooled } = wire({ type: 'maxPool2d', name: 'pool', inputs: [INPUT], ...pool }, [
    size,
  ]);
  return firstMaxima(wiring, image, count(pooled)).winner;
}

/** Layers in which relevance is divided. */
const SHARING = ['conv2d', 'dense', 'averagePool2d', 'globalAveragePool2d', 'add'];

function slopeOf(layer: Parameters<typeof activationOf>[0], value: number): number {
  if (value <= 0) return layer.type === 'leakyRelu' ? layer.alpha : 0;
  return layer.type === 'relu6' && value >= 6 ? 0 : 1;
}

function activationOf(
  layer: Extract<Layer, { type: 'relu' | 'relu6' | 'leakyRelu' }>,
  value: number,
): number {
  if (value < 0) return layer.type === 'leakyRelu' ? layer.alpha * value : 0;
  return layer.type === 'relu6' ? Math.min(value, 6) : value;
}

function softmaxOf(values: Float64Array, channels: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let begin = 0; begin < values.length; begin += channels) {
    const row = values.subarray(begin, begin + channels);
    const largest = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    for (const [i, value] of row.entries()) result[begin + i] = Math.exp(value - largest) / total;
  }
  return result;
}
