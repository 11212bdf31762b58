import { INPUT, type Layer, type LayerGraph, type Pair, type Weight } from '@clearmaps/deconvnet';
import { mulberry32 } from '@clearmaps/random';
import { heNormal } from '../src/he-init.ts';

/** A small net with every layer type and a residual and a concatenating branch; sizes and settings vary with the seed. */
export function randomDag(seed: number): LayerGraph {
  const next = mulberry32(seed);
  const pick = <T>(...choices: readonly T[]): T => choices[next() % choices.length]!;
  const weight = (...shape: number[]): Weight => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    heNormal(values, 4, next);
    return { shape, values };
  };
  const conv = (name: string, source: string, cin: number, cout: number, more: object = {}): Layer => {
    const side = pick(1, 2, 3);
    return {
      type: 'conv2d',
      name,
      inputs: [source],
      kernel: weight(side, pick(1, 3), cin, cout),
      ...(pick(true, false) && { bias: weight(cout) }),
      strides: [1, 1],
      padding: 'same',
      ...more,
    };
  };
  const depth = pick(1, 3);
  const padding = pick('same', 'valid');
  const strides: Pair = [pick(1, 2), pick(1, 2)];
  const layers: Layer[] = [
    conv('stem', INPUT, depth, 4, { strides, padding }),
    { type: 'relu', name: 'stem_relu', inputs: ['stem'] },
    conv('left', 'stem_relu', 4, 4, pick({}, { dilations: [2, 2] })),
    { type: 'add', name: 'sum', inputs: ['left', 'stem_relu'] },
    // After a sum, where it cannot become part of a convolution.
    {
      type: 'affine',
      name: 'norm',
      inputs: ['sum'],
      scale: weight(4),
      ...(pick(true, false) && { shift: weight(4) }),
    },
    { type: 'leakyRelu', name: 'leak', inputs: ['norm'], alpha: 0.25 },
    {
      type: 'zeroPadding2d',
      name: 'pad',
      inputs: ['leak'],
      padding: [
        [pick(0, 1), 2],
        [1, pick(0, 2)],
      ],
    },
    conv('each', 'pad', 1, 8, { groups: 4 }),
    { type: 'relu6', name: 'capped', inputs: ['each'] },
    { type: 'maxPool2d', name: 'max', inputs: ['capped'], poolSize: [3, 2], strides: [2, 2], padding },
    { type: 'averagePool2d', name: 'mean', inputs: ['capped'], poolSize: [3, 2], strides: [2, 2], padding },
    { type: 'concat', name: 'both', inputs: ['mean', 'max', 'mean'] },
    { type: 'dropout', name: 'drop', inputs: ['both'], rate: 0.25 },
    conv('heads', 'drop', 24, 5),
  ];
  if (pick(true, false)) layers.push({ type: 'globalAveragePool2d', name: 'pool', inputs: ['heads'] });
  else {
    layers.push({ type: 'globalAveragePool2d', name: 'squeeze', inputs: ['heads'] });
    layers.push({
      type: 'dense',
      name: 'logits',
      inputs: ['squeeze'],
      kernel: weight(5, 5),
      bias: weight(5),
    });
  }
  layers.push({ type: 'softmax', name: 'softmax', inputs: [layers.at(-1)!.name] });
  return { name: `dag_${seed}`, inputShape: [pick(9, 12), pick(8, 11), depth], layers };
}

/** Standard normal noise for the input of a graph. */
export function randomInput({ inputShape }: LayerGraph, seed: number): Float32Array {
  const values = new Float32Array(inputShape.reduce((a, b) => a * b, 1));
  heNormal(values, 2, mulberry32(seed));
  return values;
}
