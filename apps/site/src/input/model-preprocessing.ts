import type { LayerGraph, Preprocessing } from '@clearmaps/deconvnet/graph';
import { CAFFE_PREPROCESSING, wellKnownPreprocessing } from '@clearmaps/models';

/** How bytes become input, where a model does not say. */
export const PREPROCESSINGS: Readonly<
  Record<string, readonly [label: string, (channels: number) => Preprocessing]>
> = {
  unit: ['0 to 1', (channels) => ({ ...common(channels), mean: zeros(channels), std: ones(channels) })],
  signed: ['-1 to 1', (channels) => ({ ...common(channels), mean: halves(channels), std: halves(channels) })],
  caffe: ['blue, green, red, less their means (SqueezeNet, VGG)', () => CAFFE_PREPROCESSING],
};

const zeros = (n: number): number[] => new Array(n).fill(0);
const ones = (n: number): number[] => new Array(n).fill(1);
const halves = (n: number): number[] => new Array(n).fill(0.5);
function common(channels: number) {
  return { channels: channels === 1 ? 'gray' : 'rgb', scale: 1 / 255, resize: 'centerCrop' } as const;
}

/** @param chosen a key of PREPROCESSINGS, for a model that does not say and is not known by its name */
export function withPreprocessing(model: LayerGraph, chosen: string): LayerGraph {
  const preprocessing =
    model.preprocessing ?? wellKnownPreprocessing(model) ?? PREPROCESSINGS[chosen]![1](model.inputShape[2]);
  return { ...model, preprocessing };
}
