import * as tfl from '@tensorflow/tfjs-layers';

/** `metadata.json` of an export. */
export const TEACHABLE_MACHINE_METADATA = {
  tfjsVersion: '1.3.1',
  tmVersion: '2.4.7',
  packageVersion: '0.8.4-alpha2',
  packageName: '@teachablemachine/image',
  modelName: 'tm-my-image-model',
  userMetadata: {},
  labels: ['cat', 'dog', 'neither'],
  imageSize: 32,
};

/**
 * An untrained model nested as Teachable Machine nests it, Sequential[Sequential[MobileNetV2, global pool],
 * Sequential[dense, dense]], with two of MobileNetV2's blocks at a small size: 32x32x3, three classes.
 */
export function teachableMachineModel(): tfl.LayersModel {
  const data = tfl.input({ shape: [32, 32, 3], name: 'input_1' });
  let x = stem(data);
  x = invertedResidual(x, 'block_1', { expanded: 8, filters: 6, strides: 2 });
  x = invertedResidual(x, 'block_2', { expanded: 12, filters: 6, strides: 1 });
  const body = tfl.model({ inputs: data, outputs: x, name: 'model1' });
  const { dense, globalAveragePooling2d } = tfl.layers;
  const features = tfl.sequential({ name: 'sequential_1', layers: [body] });
  features.add(globalAveragePooling2d({ name: 'global_average_pooling2d_GlobalAveragePooling2D1' }));
  const head = tfl.sequential({
    name: 'sequential_3',
    layers: [
      dense({ inputShape: [6], units: 10, activation: 'relu', name: 'dense_Dense1' }),
      dense({ units: 3, useBias: false, activation: 'softmax', name: 'dense_Dense2' }),
    ],
  });
  return tfl.sequential({ name: 'sequential_4', layers: [features, head] });
}

type Tensor = tfl.SymbolicTensor;

function stem(data: Tensor): Tensor {
  const { zeroPadding2d, conv2d } = tfl.layers;
  const padding: [[number, number], [number, number]] = [
    [0, 1],
    [0, 1],
  ];
  const padded = zeroPadding2d({ padding, name: 'Conv1_pad' }).apply(data) as Tensor;
  const conv = conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false, name: 'Conv1' });
  return normalised(conv.apply(padded) as Tensor, 'bn_Conv1', true);
}

/** Sandler et al. 2018, figure 4: expand, depthwise, project; added to its input where shapes allow. */
function invertedResidual(
  input: Tensor,
  name: string,
  sizes: { expanded: number; filters: number; strides: number },
): Tensor {
  const { conv2d, depthwiseConv2d } = tfl.layers;
  const plain = { kernelSize: 1, useBias: false, padding: 'same' } as const;
  const expand = conv2d({ ...plain, filters: sizes.expanded, name: `${name}_expand` });
  const deep = depthwiseConv2d({
    kernelSize: 3,
    strides: sizes.strides,
    padding: 'same',
    useBias: false,
    name: `${name}_depthwise`,
  });
  const project = conv2d({ ...plain, filters: sizes.filters, name: `${name}_project` });
  const wide = normalised(expand.apply(input) as Tensor, `${name}_expand_BN`, true);
  const filtered = normalised(deep.apply(wide) as Tensor, `${name}_depthwise_BN`, true);
  const output = normalised(project.apply(filtered) as Tensor, `${name}_project_BN`, false);
  if (sizes.strides !== 1) return output;
  return tfl.layers.add({ name: `${name}_add` }).apply([input, output]) as Tensor;
}

function normalised(input: Tensor, name: string, rectified: boolean): Tensor {
  const output = tfl.layers.batchNormalization({ name, epsilon: 1e-3 }).apply(input) as Tensor;
  return rectified
    ? (tfl.layers.reLU({ maxValue: 6, name: `${name}_relu` }).apply(output) as Tensor)
    : output;
}
