import {
  GraphError,
  INPUT,
  type Layer,
  type LayerGraph,
  type Preprocessing,
} from '@clearmaps/deconvnet/graph';
import { mulberry32 } from '@clearmaps/random';
import { caffePreprocessing } from './image-net-preprocessing.ts';
import { untrainedConv } from './untrained-conv.ts';

/** [side of the square kernel, number of kernels], or the 2x2 max pooling with stride 2 that all tables use. */
type Step = readonly [side: number, kernels: number] | 'pool';

interface NetSpec {
  readonly name: string;
  readonly inputShape: readonly [number, number, number];
  readonly classNames: readonly string[];
  readonly preprocessing: Preprocessing;
  /** All rows of the table before its last convolution, the 1x1 one with a kernel a class. */
  readonly steps: readonly Step[];
}

const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Kumar, Wong & Taylor 2017, appendix, Table 2. */
const MNIST_NET: NetSpec = {
  name: 'mnist',
  inputShape: [28, 28, 1],
  classNames: DIGITS,
  preprocessing: { channels: 'gray', scale: 1 / 255, mean: [0], std: [1], resize: 'stretch' },
  steps: [[3, 32], [3, 32], [3, 32], [3, 32], 'pool', [3, 64]],
};

/** Appendix, Table 3. Input -1..1, so that the gray patch of the experiments of Table 1 is 0. */
const SVHN_NET: NetSpec = {
  name: 'svhn',
  inputShape: [32, 32, 3],
  classNames: DIGITS,
  preprocessing: {
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    resize: 'stretch',
  },
  steps: [
    ...([[3, 32], [3, 32], [3, 32], 'pool'] as const),
    ...([[3, 64], [3, 64], [3, 64], 'pool'] as const),
    ...([
      [3, 128],
      [1, 128],
    ] as const),
  ],
};

/** Appendix, Table 4: the 13 convolutions and 5 poolings of VGG16, with its preprocessing, then three more convolutions. */
const VGG_NET: NetSpec = {
  name: 'vgg',
  inputShape: [224, 224, 3],
  classNames: [
    'Chihuahua',
    'Japanese spaniel',
    'Maltese',
    'Pekinese',
    'Shih-Tzu',
    'Blenheim spaniel',
    'Papillon',
    'Toy terrier',
    'Rhodesian ridgeback',
    'Afghan hound',
  ],
  preprocessing: caffePreprocessing([224, 224, 3]),
  steps: [
    ...([[3, 64], [3, 64], 'pool'] as const),
    ...([[3, 128], [3, 128], 'pool'] as const),
    ...([[3, 256], [3, 256], [3, 256], 'pool'] as const),
    ...([[3, 512], [3, 512], [3, 512], 'pool'] as const),
    ...([[3, 512], [3, 512], [3, 512], 'pool'] as const),
    ...([
      [3, 512],
      [1, 512],
    ] as const),
  ],
};

export interface NetOptions {
  /** Of the weights' initial values: any integer; default 0. */
  readonly seed?: number;
  /** [H, W, C] of one image; default that of the paper's data set. */
  readonly inputShape?: readonly [number, number, number];
  /** One kernel each in the last convolution; default the 10 classes of the paper's experiment. */
  readonly classNames?: readonly string[];
  /** Default that of the net; needed when `inputShape` has another number of channels. */
  readonly preprocessing?: Preprocessing;
}

/**
 * The MNIST network of Table 2 with untrained weights: 28x28x1, gray bytes scaled to 0..1 (ink is 1).
 *
 * @throws GraphError when the input is too small for the pooling or an option is out of range.
 */
export function mnistNet(options: NetOptions = {}): LayerGraph {
  return buildNet(MNIST_NET, options);
}

/**
 * The SVHN network of Table 3 with untrained weights: 32x32x3, RGB bytes scaled to -1..1.
 *
 * @throws GraphError as `mnistNet` does.
 */
export function svhnNet(options: NetOptions = {}): LayerGraph {
  return buildNet(SVHN_NET, options);
}

/**
 * The Stanford Dogs network of Table 4 with untrained weights: 224x224x3, ten breeds. BGR bytes minus the ImageNet
 * means (103.939, 116.779, 123.68), short side scaled to 256 and the centre cut, as VGG16's weights expect.
 * 17.3 million weights, 69 MB.
 *
 * @throws GraphError as `mnistNet` does.
 */
export function vggNet(options: NetOptions = {}): LayerGraph {
  return buildNet(VGG_NET, options);
}

function buildNet(spec: NetSpec, options: NetOptions): LayerGraph {
  const {
    seed = 0,
    inputShape = spec.inputShape,
    classNames = spec.classNames,
    preprocessing = spec.preprocessing,
  } = options;
  checkOptions(spec, { seed, inputShape, classNames, preprocessing });
  const next = mulberry32(seed);
  const layers: Layer[] = [];
  let last: string = INPUT;
  let channels = inputShape[2];
  const push = (layer: Layer) => {
    layers.push(layer);
    last = layer.name;
  };
  const conv = (name: string, side: number, kernels: number) => {
    push(untrainedConv(name, last, [side, side, channels, kernels], next));
    channels = kernels;
  };

  let convs = 0;
  let pools = 0;
  for (const step of spec.steps) {
    if (step === 'pool') {
      const name = `pool_${++pools}`;
      push({ type: 'maxPool2d', name, inputs: [last], poolSize: [2, 2], strides: [2, 2], padding: 'valid' });
    } else {
      const name = `conv_${++convs}`;
      conv(name, ...step);
      push({ type: 'relu', name: `${name}_relu`, inputs: [last] });
    }
  }
  // z_L of section 3 of the paper: one kernel a class, linear, straight into the global average.
  conv(`conv_${++convs}`, 1, classNames.length);
  push({ type: 'globalAveragePool2d', name: 'global_average_pool', inputs: [last] });
  push({ type: 'softmax', name: 'softmax', inputs: [last] });
  return { name: spec.name, inputShape, layers, classNames, preprocessing };
}

function checkOptions(spec: NetSpec, options: Required<NetOptions>): void {
  const { seed, inputShape, classNames, preprocessing } = options;
  const asked = (what: string) => `${spec.name} net: ${what}`;
  if (!Number.isSafeInteger(seed)) {
    throw new GraphError({ asked: asked('seed'), got: String(seed), allowed: 'integers' });
  }
  const smallest = 2 ** spec.steps.filter((step) => step === 'pool').length;
  const [height, width, channels] = inputShape;
  if (
    inputShape.length !== 3 ||
    !inputShape.every(Number.isInteger) ||
    Math.min(height, width) < smallest ||
    channels < 1
  ) {
    throw new GraphError({
      asked: asked('inputShape'),
      got: `[${inputShape.join(', ')}]`,
      allowed: `[H, W, C] of integers, H and W at least ${smallest} (each pooling halves them), C at least 1`,
    });
  }
  if (classNames.length < 1) {
    throw new GraphError({ asked: asked('classNames'), got: 'none', allowed: 'one name a class' });
  }
  if (preprocessing.mean.length !== channels || preprocessing.std.length !== channels) {
    throw new GraphError({
      asked: asked(`preprocessing for ${channels} channels`),
      got: `mean of ${preprocessing.mean.length} and std of ${preprocessing.std.length} channels`,
      remedy: 'Give `preprocessing` together with an inputShape of other channels.',
    });
  }
}
