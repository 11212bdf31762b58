import { INPUT, type LayerGraph } from '../src/index.ts';

/** Captum's one-conv net, small enough for pencil and paper; see golden/README.md of the golden cases. */
export function oneConvNet(): LayerGraph {
  const row = [1, 1, 1, 1, 1, -1, -1, -1];
  const dense = new Float32Array(8 * 4);
  for (let channel = 0; channel < 2; channel++) {
    for (let place = 0; place < 4; place++) {
      // The row counts channels first; our flatten puts them last.
      for (let c = 0; c < 4; c++) dense[(place * 2 + channel) * 4 + c] = row[channel * 4 + place]!;
    }
  }
  return {
    name: 'one convolution',
    inputShape: [4, 4, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'conv',
        inputs: [INPUT],
        kernel: { shape: [3, 3, 1, 2], values: new Float32Array(18).fill(1) },
        bias: { shape: [2], values: Float32Array.from([-50, -75]) },
        strides: [1, 1],
        padding: 'valid',
      },
      { type: 'relu', name: 'relu', inputs: ['conv'] },
      { type: 'flatten', name: 'flatten', inputs: ['relu'] },
      { type: 'dense', name: 'dense', inputs: ['flatten'], kernel: { shape: [8, 4], values: dense } },
      { type: 'relu', name: 'scores', inputs: ['dense'] },
    ],
  };
}

/** ReLU(ReLU(x1 - 1) - ReLU(x2)) of a picture of one pixel (Sundararajan et al. 2017, figure 2). */
export function differenceNet(): LayerGraph {
  return {
    name: 'difference',
    inputShape: [1, 1, 2],
    layers: [
      { type: 'flatten', name: 'flatten', inputs: [INPUT] },
      {
        type: 'dense',
        name: 'shift',
        inputs: ['flatten'],
        kernel: { shape: [2, 2], values: Float32Array.of(1, 0, 0, 1) },
        bias: { shape: [2], values: Float32Array.of(-1, 0) },
      },
      { type: 'relu', name: 'relu', inputs: ['shift'] },
      {
        type: 'dense',
        name: 'difference',
        inputs: ['relu'],
        kernel: { shape: [2, 1], values: Float32Array.of(1, -1) },
      },
      { type: 'relu', name: 'score', inputs: ['difference'] },
    ],
  };
}
