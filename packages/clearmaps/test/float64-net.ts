import type { Conv2dLayer, Layer, LayerGraph, MaxPoolLayer, Rule } from '@clearmaps/deconvnet/graph';

interface Map3 {
  readonly size: readonly [height: number, width: number, channels: number];
  readonly values: Float64Array;
}

/** An input of a ReLU, by the layer's name and the index of its value. */
export interface UndecidedSign {
  readonly layer: string;
  readonly at: number;
}

/** What an engine may decide otherwise where values are too near for it. */
export interface Decisions {
  /** Inputs of ReLUs that are taken for having the other sign. */
  readonly signs?: readonly UndecidedSign[];
  /** As {@link Float64Net.switches}. */
  readonly switches?: readonly Int32Array[];
}

/** One step of float32's 24 bits, and one more for the additions. */
const FLOAT32_RESOLUTION = 2 ** -22;

const empty = (size: Map3['size']): Map3 => ({ size, values: new Float64Array(size[0] * size[1] * size[2]) });

/**
 * A slow second opinion for nets as large as SqueezeNet: loops over pixels and taps in float64, forward by gathering,
 * back by scattering. Knows the layers of that net only.
 */
export class Float64Net {
  private readonly outputs = new Map<string, Map3>();
  private readonly winners = new Map<string, Int32Array>();
  /** Of each convolution: its kernel as [taps, out, in], so that the loop on the way back runs along memory. */
  private readonly turned = new Map<string, Float64Array>();

  constructor(
    private readonly graph: LayerGraph,
    image: Float32Array,
  ) {
    this.outputs.set('input', { size: graph.inputShape, values: Float64Array.from(image) });
    for (const layer of graph.layers) this.outputs.set(layer.name, this.run(layer));
  }

  /** Output of a layer, [h, w, c]. */
  output(layer: string): Float64Array {
    return this.outputs.get(layer)!.values;
  }

  /** Of each max pool, in the order of the layers: where each window had its first maximum, y * W + x, [h, w, c]. */
  switches(): readonly Int32Array[] {
    return [...this.winners].map(([pool, winners]) => {
      const [, , channels] = this.outputs.get(pool)!.size;
      return winners.map((winner) => Math.floor(winner / channels));
    });
  }

  /** By how much of its layer's largest value the most wrong of these switches lies below its window's maximum. */
  below(switches: readonly Int32Array[]): number {
    const most = [...this.winners.keys()].map((pool, k) => {
      const { size, values } = this.outputs.get(pool)!;
      const inward = this.output(this.graph.layers.find(({ name }) => name === pool)!.inputs[0]!);
      const misses = values.map((value, at) => value - inward[switches[k]![at]! * size[2] + (at % size[2])]!);
      const largest = (all: Float64Array): number => all.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      return largest(misses) / largest(inward);
    });
    return Math.max(...most);
  }

  /**
   * The inputs of ReLUs that are nearer to zero than float32 can tell in a sum as large as the layer's largest: an
   * engine in float32 may mask either way there. Nearest first.
   */
  undecided(): readonly UndecidedSign[] {
    const found: (UndecidedSign & { readonly share: number })[] = [];
    for (const { type, name, inputs } of this.graph.layers) {
      if (type !== 'relu') continue;
      const inward = this.output(inputs[0]!);
      const largest = inward.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const [at, value] of inward.entries()) {
        const share = Math.abs(value) / largest;
        if (share < FLOAT32_RESOLUTION) found.push({ layer: name, at, share });
      }
    }
    return found.sort((a, b) => a.share - b.share);
  }

  /** R(x|c) of the positive seed at a layer whose output is z_L: [H, W, C]. */
  respond(featureMap: string, rule: Rule, c: number, { signs = [], switches }: Decisions = {}): Float64Array {
    const pools = [...this.winners.keys()];
    const arrived = new Map([...this.outputs].map(([name, { size }]) => [name, empty(size)]));
    const { size, values } = this.outputs.get(featureMap)!;
    const seed = arrived.get(featureMap)!;
    for (let at = c; at < values.length; at += size[2]) seed.values[at] = Math.max(values[at]!, 0);
    const from = this.graph.layers.findIndex(({ name }) => name === featureMap);
    for (const layer of this.graph.layers.slice(0, from + 1).reverse()) {
      const response = arrived.get(layer.name)!.values;
      const below = layer.inputs.map((name) => arrived.get(name)!);
      if (layer.type === 'conv2d') {
        const kernel = this.turnedKernel(layer);
        const onto = below[0]!.values;
        this.eachTap(layer, below[0]!.size, arrived.get(layer.name)!.size, (to, pixel, weights, i, o) => {
          for (let out = 0; out < o; out++) {
            const value = response[to * o + out]!;
            if (value === 0) continue;
            const from = weights + out * i;
            for (let k = 0; k < i; k++) onto[pixel * i + k]! += value * kernel[from + k]!;
          }
        });
      } else if (layer.type === 'maxPool2d') {
        const [, , channels] = this.outputs.get(layer.name)!.size;
        const places = switches?.[pools.indexOf(layer.name)];
        this.winners.get(layer.name)!.forEach((winner, at) => {
          const to = places ? places[at]! * channels + (at % channels) : winner;
          below[0]!.values[to]! += response[at]!;
        });
      } else if (layer.type === 'relu') {
        const inward = this.output(layer.inputs[0]!);
        const others = new Set(signs.filter((sign) => sign.layer === layer.name).map(({ at }) => at));
        for (const [at, value] of response.entries()) {
          const kept = rule === 'deconvnet' || rule === 'guided' ? Math.max(value, 0) : value;
          const passes = rule === 'linear' || rule === 'deconvnet' || inward[at]! > 0 !== others.has(at);
          below[0]!.values[at]! += passes ? kept : 0;
        }
      } else if (layer.type === 'concat') {
        this.eachPart(layer, (part, k, at, whole) => {
          below[part]!.values[k]! += response[whole]!;
          return at;
        });
      } else for (const [at, value] of response.entries()) below[0]!.values[at]! += value;
    }
    return arrived.get('input')!.values;
  }

  private turnedKernel({ name, kernel }: Conv2dLayer): Float64Array {
    const known = this.turned.get(name);
    if (known) return known;
    const [, , i, o] = kernel.shape as [number, number, number, number];
    const turned = Float64Array.from(kernel.values, (_, at) => {
      const [tap, out, k] = [Math.floor(at / (i * o)), Math.floor(at / i) % o, at % i];
      return kernel.values[tap * i * o + k * o + out]!;
    });
    this.turned.set(name, turned);
    return turned;
  }

  private run(layer: Layer): Map3 {
    const inputs = layer.inputs.map((name) => this.outputs.get(name)!);
    const [first] = inputs as [Map3];
    const [height, width, channels] = first.size;
    switch (layer.type) {
      case 'conv2d': {
        const result = empty([...outputSize(layer, layer.kernel.shape, first.size), layer.kernel.shape[3]!]);
        result.values.forEach((_, at) => {
          result.values[at] = layer.bias?.values[at % result.size[2]] ?? 0;
        });
        this.eachTap(layer, first.size, result.size, (to, pixel, weights, i, o) => {
          for (let k = 0; k < i; k++) {
            const value = first.values[pixel * i + k]!;
            if (value === 0) continue;
            for (let out = 0; out < o; out++)
              result.values[to * o + out]! += value * layer.kernel.values[weights + k * o + out]!;
          }
        });
        return result;
      }
      case 'maxPool2d': {
        const result = empty([...outputSize(layer, layer.poolSize, first.size), channels]);
        const winners = new Int32Array(result.values.length).fill(-1);
        eachWindowPixel(layer, layer.poolSize, first.size, result.size, (to, pixel) => {
          for (let k = 0; k < channels; k++) {
            const best = winners[to * channels + k]!;
            const at = pixel * channels + k;
            if (best < 0 || first.values[at]! > first.values[best]!) winners[to * channels + k] = at;
          }
        });
        this.winners.set(layer.name, winners);
        winners.forEach((winner, at) => {
          result.values[at] = first.values[winner]!;
        });
        return result;
      }
      case 'relu':
        return { size: first.size, values: first.values.map((value) => Math.max(value, 0)) };
      case 'concat': {
        const result = empty([height, width, inputs.reduce((sum, { size }) => sum + size[2], 0)]);
        this.eachPart(layer, (part, k, _, whole) => {
          result.values[whole] = inputs[part]!.values[k]!;
        });
        return result;
      }
      case 'globalAveragePool2d': {
        const result = empty([1, 1, channels]);
        for (const [at, value] of first.values.entries())
          result.values[at % channels]! += value / (height * width);
        return result;
      }
      case 'softmax':
      case 'dropout':
      case 'flatten':
        return first;
      default:
        throw new Error(`no ${layer.type} here`);
    }
  }

  private eachTap(
    layer: Conv2dLayer,
    from: Map3['size'],
    to: Map3['size'],
    visit: (output: number, pixel: number, weights: number, channelsIn: number, channelsOut: number) => void,
  ): void {
    const [, , i, o] = layer.kernel.shape as [number, number, number, number];
    eachWindowPixel(layer, layer.kernel.shape, from, to, (output, pixel, tap) =>
      visit(output, pixel, tap * i * o, i, o),
    );
  }

  /** Every value of the inputs of a concat, and its place in the whole. */
  private eachPart(layer: Layer, visit: (part: number, k: number, at: number, whole: number) => void): void {
    const sizes = layer.inputs.map((name) => this.outputs.get(name)!.size);
    const channels = sizes.reduce((sum, size) => sum + size[2], 0);
    let begin = 0;
    for (const [part, [height, width, own]] of sizes.entries()) {
      for (let k = 0; k < height * width * own; k++)
        visit(part, k, k, Math.floor(k / own) * channels + begin + (k % own));
      begin += own;
    }
  }
}

type Windows = Pick<Conv2dLayer | MaxPoolLayer, 'strides' | 'padding'>;

function outputSize({ strides, padding }: Windows, kernel: readonly number[], size: Map3['size']) {
  const along = (axis: 0 | 1): number =>
    padding === 'same'
      ? Math.ceil(size[axis] / strides[axis])
      : Math.floor((size[axis] - kernel[axis]!) / strides[axis]) + 1;
  return [along(0), along(1)] as const;
}

/** Every pixel of every window that lies in the image, in row-major order, and the tap that meets it. */
function eachWindowPixel(
  { strides, padding }: Windows,
  kernel: readonly number[],
  from: Map3['size'],
  to: Map3['size'],
  visit: (output: number, pixel: number, tap: number) => void,
): void {
  const before = ([0, 1] as const).map((axis) =>
    padding === 'valid' ? 0 : Math.max((to[axis] - 1) * strides[axis] + kernel[axis]! - from[axis], 0) >> 1,
  ) as [number, number];
  for (let y = 0; y < to[0]; y++) {
    for (let x = 0; x < to[1]; x++) {
      for (let ky = 0; ky < kernel[0]!; ky++) {
        for (let kx = 0; kx < kernel[1]!; kx++) {
          const [row, column] = [y * strides[0] + ky - before[0], x * strides[1] + kx - before[1]];
          if (row < 0 || column < 0 || row >= from[0] || column >= from[1]) continue;
          visit(y * to[1] + x, row * from[1] + column, ky * kernel[1]! + kx);
        }
      }
    }
  }
}
