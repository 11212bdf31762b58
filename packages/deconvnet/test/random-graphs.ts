import {
  type Border,
  INPUT,
  type Layer,
  type LayerGraph,
  type Padding,
  type Pair,
  type Preprocessing,
} from '../src/index.ts';
import { Random } from './random.ts';

export interface RandomGraph {
  readonly graph: LayerGraph;
  /** The layer whose output is z_L, known by construction. */
  readonly featureMap: string;
  /** The global average pooling before that layer, where z_L stands on the map that it received. */
  readonly pool?: string;
}

type Size = readonly [height: number, width: number, channels: number];
interface Place {
  readonly name: string;
  readonly size: Size;
}
type Draft<L = Layer> = L extends Layer ? Omit<L, 'name' | 'inputs'> : never;

/**
 * A random classifier: a body of convolutions, pools, residual sums and branches, and one of many heads. The head
 * goes round with the seed, the rest is drawn; random-graphs.test.ts checks that nothing is left out.
 */
export function randomGraph(seed: number): RandomGraph {
  const random = new Random(seed * 15485863 + 2);
  const head = HEADS[seed % HEADS.length]!;
  for (;;) {
    const net = new Net(random);
    const body = net.body(random.int(1, 3));
    const found = body && head(net, body);
    if (!found) continue;
    const graph = {
      name: `random ${seed}`,
      inputShape: net.inputShape,
      layers: net.layers,
      preprocessing: PREPROCESSING[net.inputShape[2]],
    };
    return { graph, ...(typeof found === 'string' ? { featureMap: found } : found) };
  }
}

/** By channels. Pixels from about -5 to 5: random ones lie in between. */
const PREPROCESSING: Readonly<Record<number, Preprocessing>> = Object.fromEntries(
  [1, 2, 3].map((channels) => [
    channels,
    {
      channels: channels === 1 ? 'gray' : 'rgb',
      scale: 0.04,
      mean: [5, 5.5, 4.5].slice(0, channels),
      std: [1, 1, 0.9].slice(0, channels),
      resize: 'stretch',
    },
  ]),
);

class Net {
  readonly layers: Layer[] = [];
  readonly inputShape: Size;

  constructor(readonly random: Random) {
    this.inputShape = [random.int(5, 14), random.int(5, 14), random.int(1, 3)];
  }

  body(blocks: number): Place | undefined {
    let at: Place | undefined = { name: INPUT, size: this.inputShape };
    for (let i = 0; i < blocks && at; i++) at = this.block(at);
    return at;
  }

  private block(from: Place): Place | undefined {
    const { random } = this;
    switch (random.int(1, 13)) {
      case 1: {
        const conv = this.conv(from);
        const relu = conv && this.relu(conv);
        const pool = relu && this.pool(relu, random.pick(['maxPool2d', 'averagePool2d']));
        return pool;
      }
      case 2: // A pool of signed values, and a chain of ReLUs after it.
        {
          const conv = this.conv(from);
          const pool = conv && this.pool(conv, random.pick(['maxPool2d', 'averagePool2d']));
          return pool && this.relu(random.chance(0.5) ? this.relu(pool) : pool);
        }
      case 3: {
        const first = this.conv(from, { channels: from.size[2], keepsSize: true });
        const second = first && this.conv(this.relu(first), { channels: from.size[2], keepsSize: true });
        const sum = second && this.join('add', [from, second], from.size);
        return sum && random.chance(0.7) ? this.relu(sum) : sum;
      }
      case 4: {
        const branches = [this.conv(from, { keepsSize: true }), this.conv(from, { keepsSize: true })];
        if (branches.some((branch) => !branch)) return undefined;
        const parts = branches.map((branch) => (random.chance(0.5) ? this.relu(branch!) : branch!));
        if (random.chance(0.5)) parts.push(from);
        const channels = parts.reduce((sum, part) => sum + part.size[2], 0);
        return this.join('concat', parts, [from.size[0], from.size[1], channels]);
      }
      case 5: {
        // Before its ReLU and after it: the convolution has two readers.
        const conv = this.conv(from);
        const inner = conv && this.conv(this.relu(conv), { channels: conv.size[2], keepsSize: true });
        return inner && this.join('add', random.chance(0.5) ? [conv, inner] : [inner, conv], conv.size);
      }
      case 6:
        return this.join('add', [from, from], from.size);
      case 7: {
        // MobileNetV2: a depthwise convolution in an inverted residual, normalised.
        const wide = this.relu(this.affine(this.pointwise(from, from.size[2] * 2)), 'relu6');
        const depthwise = this.conv(wide, { channels: wide.size[2], groups: wide.size[2], keepsSize: true });
        const narrow =
          depthwise && this.affine(this.pointwise(this.relu(this.affine(depthwise)), from.size[2]));
        return narrow && this.join('add', [from, narrow], from.size);
      }
      case 8: {
        // Groups of two channels in and one to three out.
        const wide = this.pointwise(from, 4);
        const grouped = this.conv(random.chance(0.5) ? this.relu(wide) : wide, {
          channels: random.pick([2, 4, 6]),
          groups: 2,
        });
        return grouped && this.relu(grouped);
      }
      case 9: {
        const padded = this.zeroPadding(from);
        return random.chance(0.5) ? this.conv(padded) : this.pool(padded, 'maxPool2d');
      }
      case 10: {
        const scaled = this.affine(random.chance(0.5) ? this.relu(from) : from);
        return this.relu(scaled);
      }
      case 11: {
        const dropped = this.push({ type: 'dropout', rate: 0.5 }, [from], from.size);
        return this.pool(dropped, random.pick(['maxPool2d', 'averagePool2d']));
      }
      default: {
        const conv = this.conv(from);
        return conv && this.relu(conv);
      }
    }
  }

  push(draft: Draft, inputs: readonly Place[], size: Size): Place {
    const name = `${draft.type}_${this.layers.length}`;
    this.layers.push({ ...draft, name, inputs: inputs.map((place) => place.name) } as Layer);
    return { name, size };
  }

  /** A rectifier of some kind. */
  relu(
    from: Place,
    type: 'relu' | 'relu6' | 'leakyRelu' = this.random.pick(['relu', 'relu', 'relu', 'relu6', 'leakyRelu']),
  ): Place {
    const alpha = this.random.pick([0, 0.1, 0.3]);
    return this.push(type === 'leakyRelu' ? { type, alpha } : { type }, [from], from.size);
  }

  /** Scales that bring some values past 6. */
  affine(from: Place): Place {
    const channels = from.size[2];
    const values = this.random.floats(channels, 2).map((value) => value + 2);
    const shift = { shape: [channels], values: this.random.floats(channels, 0.5) };
    return this.push(
      {
        type: 'affine',
        scale: { shape: [channels], values },
        ...(this.random.chance(0.8) && { shift }),
      },
      [from],
      from.size,
    );
  }

  zeroPadding(from: Place): Place {
    const padding = this.border(2);
    const [[top, bottom], [left, right]] = padding;
    const [height, width, channels] = from.size;
    return this.push(
      { type: 'zeroPadding2d', padding },
      [from],
      [top + height + bottom, left + width + right, channels],
    );
  }

  pointwise(from: Place, channels = this.random.int(1, 5)): Place {
    return this.conv(from, { kernel: [1, 1], strides: [1, 1], channels, keepsSize: true, groups: 1 })!;
  }

  private border(most: number): Border {
    const size = () => this.random.int(0, most);
    return [
      [size(), size()],
      [size(), size()],
    ];
  }

  join(type: 'add' | 'concat', from: readonly Place[], size: Size): Place {
    return this.push({ type }, from, size);
  }

  conv(
    from: Place,
    options: {
      channels?: number;
      keepsSize?: boolean;
      kernel?: Pair;
      strides?: Pair;
      padding?: Padding;
      groups?: number;
    } = {},
    tries = 4,
  ): Place | undefined {
    const { random } = this;
    const ones: Pair = [1, 1];
    const kernel = options.kernel ?? ([random.int(1, 5), random.int(1, 5)] as const);
    const strides =
      options.strides ??
      (options.keepsSize || random.chance(0.4) ? ones : ([random.int(1, 3), random.int(1, 3)] as const));
    const dilations = random.chance(0.5) ? ones : ([random.int(1, 3), random.int(1, 3)] as const);
    const padding = options.keepsSize
      ? 'same'
      : (options.padding ?? random.pick(['same', 'valid', 'valid', this.border(3)]));
    const size = this.windows(from.size, kernel, strides, padding, dilations);
    // Drawn again, or else few large windows without padding would be among the graphs.
    if (!size) return tries > 1 ? this.conv(from, options, tries - 1) : undefined;
    const depthwise = options.channels === undefined && random.chance(0.2);
    const groups = options.groups ?? (depthwise ? from.size[2] : 1);
    const channels = options.channels ?? (depthwise ? groups * random.int(1, 2) : random.int(1, 5));
    const shape = [...kernel, from.size[2] / groups, channels];
    return this.push(
      {
        type: 'conv2d',
        kernel: this.weight(shape, (kernel[0] * kernel[1] * from.size[2]) / groups),
        ...(groups > 1 && { groups }),
        ...(random.chance(0.8) && { bias: { shape: [channels], values: random.floats(channels, 0.2) } }),
        strides,
        padding,
        ...(dilations !== ones && { dilations }),
      },
      [from],
      [...size, channels],
    );
  }

  pool(from: Place, type: 'maxPool2d' | 'averagePool2d'): Place | undefined {
    const { random } = this;
    const pair = (): Pair => [random.int(1, 3), random.int(1, 3)];
    const poolSize = random.pick([
      pair(),
      pair(),
      [random.int(3, 4), random.int(3, 4)],
      [1, random.int(1, 2)],
    ] as const);
    const strides = random.chance(0.3) ? poolSize : random.chance(0.2) ? ([1, 1] as const) : pair();
    const border = this.border(2).map((ends, axis) => ends.map((end) => Math.min(end, poolSize[axis]! - 1)));
    const padding = random.pick(['same', 'valid', border as unknown as Border] as const);
    const size = this.windows(from.size, poolSize, strides, padding, [1, 1]);
    return size && this.push({ type, poolSize, strides, padding }, [from], [...size, from.size[2]]);
  }

  globalPool(from: Place): Place {
    return this.push({ type: 'globalAveragePool2d' }, [from], [1, 1, from.size[2]]);
  }

  flatten(from: Place): Place {
    return this.push({ type: 'flatten' }, [from], [1, 1, from.size.reduce((a, b) => a * b)]);
  }

  dense(from: Place, channels = this.random.int(2, 6)): Place {
    const { random } = this;
    return this.push(
      {
        type: 'dense',
        kernel: this.weight([from.size[2], channels], from.size[2]),
        ...(random.chance(0.8) && { bias: { shape: [channels], values: random.floats(channels, 0.2) } }),
      },
      [from],
      [1, 1, channels],
    );
  }

  maybeDropout(from: Place): Place {
    return this.random.chance(0.4) ? this.push({ type: 'dropout', rate: 0.25 }, [from], from.size) : from;
  }

  /** With or without a softmax: both are nets. */
  end(from: Place): void {
    if (this.random.chance(0.7)) this.push({ type: 'softmax' }, [from], from.size);
  }

  private weight(shape: readonly number[], fanIn: number) {
    const size = shape.reduce((a, b) => a * b, 1);
    return { shape, values: this.random.floats(size, Math.sqrt(2 / fanIn)) };
  }

  private windows(
    size: Size,
    kernel: Pair,
    strides: Pair,
    padding: Padding,
    dilations: Pair,
  ): [number, number] | undefined {
    const sizes = [0, 1].map((axis) => {
      if (padding === 'same') return Math.ceil(size[axis]! / strides[axis]!);
      const [before, after] = padding === 'valid' ? [0, 0] : padding[axis]!;
      const room = before + size[axis]! + after - (kernel[axis]! - 1) * dilations[axis]! - 1;
      return room < 0 ? 0 : Math.floor(room / strides[axis]!) + 1;
    });
    return sizes.every((s) => s > 0) ? (sizes as [number, number]) : undefined;
  }
}

/** Builds the end of a net; gives the feature map, or undefined where the sizes do not allow it. */
type Head = (net: Net, from: Place) => string | { featureMap: string; pool: string } | undefined;

const classes = (net: Net): number => net.random.int(2, 5);

const HEADS: readonly Head[] = [
  // A 1x1 convolution with a kernel a class (Tables 2 to 4).
  (net, from) => {
    const last = net.pointwise(from, classes(net));
    net.end(net.globalPool(net.maybeDropout(last)));
    return last.name;
  },
  // A larger kernel a class, strided or not.
  (net, from) => {
    const last = net.conv(from, { kernel: [3, 3], channels: classes(net) });
    if (last) net.end(net.maybeDropout(net.globalPool(last)));
    return last?.name;
  },
  // SqueezeNet: a ReLU between the last convolution and the pooling.
  (net, from) => {
    const last = net.pointwise(from, classes(net));
    const relu = net.relu(last);
    net.end(net.globalPool(relu));
    return relu.name;
  },
  // Pointwise convolutions with ReLUs between them, as in networks in networks.
  (net, from) => {
    const hidden = net.relu(net.pointwise(net.relu(net.pointwise(from))));
    const last = net.pointwise(net.maybeDropout(hidden), classes(net));
    net.end(net.globalPool(last));
    return last.name;
  },
  // A 1x1 convolution that skips pixels, and one after it that does not.
  (net, from) => {
    const strided = net.conv(from, { kernel: [1, 1], strides: [2, 1], padding: 'same' })!;
    const last = net.pointwise(strided, classes(net));
    net.end(net.globalPool(last));
    return last.name;
  },
  // A dense layer after a flatten.
  (net, from) => {
    const last = net.dense(net.flatten(from));
    net.end(last);
    return last.name;
  },
  // Several dense layers.
  (net, from) => {
    const hidden = net.maybeDropout(net.relu(net.dense(net.flatten(from))));
    const last = net.dense(net.relu(net.dense(hidden)));
    net.end(last);
    return last.name;
  },
  // Dense layers after a global average pooling.
  (net, from) => {
    const pool = net.globalPool(from);
    const last = net.dense(net.relu(net.dense(pool)));
    net.end(last);
    return { featureMap: last.name, pool: pool.name };
  },
  // One dense layer after a global average pooling, as most nets end.
  (net, from) => {
    if (from.name === INPUT) return undefined;
    const pool = net.globalPool(from);
    const last = net.dense(net.flatten(net.maybeDropout(pool)));
    net.end(net.maybeDropout(last));
    return { featureMap: last.name, pool: pool.name };
  },
  // All that may stand between the pooling and the scores.
  (net, from) => {
    const pool = net.globalPool(from);
    const hidden = net.relu(net.affine(net.dense(net.flatten(net.relu(net.affine(pool))))), 'relu6');
    const last = net.dense(net.maybeDropout(net.relu(net.dense(hidden), 'leakyRelu')));
    net.end(last);
    return { featureMap: last.name, pool: pool.name };
  },
  // One convolution over the whole map, then a flatten that only renames axes.
  (net, from) => {
    const [height, width] = from.size;
    if (height > 6 || width > 6) return undefined;
    const last = net.conv(net.maybeDropout(from), {
      kernel: [height, width],
      strides: [1, 1],
      padding: 'valid',
      channels: classes(net),
    });
    if (!last) return undefined;
    net.end(net.flatten(last));
    return last.name;
  },
  // A dense layer whose scores pass a ReLU (golden/README.md has such a net).
  (net, from) => {
    const relu = net.relu(net.dense(net.flatten(from)));
    net.end(relu);
    return relu.name;
  },
  // A strided last convolution that the ReLU chain of its net follows.
  (net, from) => {
    const last = net.conv(from, { kernel: [2, 3], strides: [2, 1], channels: classes(net) });
    const relu = last && net.relu(net.relu(last));
    if (relu) net.end(net.globalPool(relu));
    return relu?.name;
  },
  // The feature map is a pool.
  (net, from) => {
    const pool = from.size[2] > 1 && net.pool(from, net.random.pick(['maxPool2d', 'averagePool2d']));
    if (!pool) return undefined;
    net.end(net.globalPool(pool));
    return pool.name;
  },
  // The feature map is whatever the body ends with: a sum, a concatenation.
  (net, from) => {
    if (from.name === INPUT || from.size[2] < 2 || net.layers.at(-1)!.type === 'dropout') return undefined;
    net.end(net.globalPool(from));
    return from.name;
  },
  // Two heads whose scores are summed.
  (net, from) => {
    const scores = classes(net);
    const first = net.dense(net.flatten(from), scores);
    const second = net.dense(net.globalPool(from), scores);
    const sum = net.join('add', [first, second], first.size);
    net.end(sum);
    return sum.name;
  },
];
