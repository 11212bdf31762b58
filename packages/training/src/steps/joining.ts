import type { AddLayer, ConcatLayer, FlattenLayer } from '@clearmaps/deconvnet';
import { addN, concat, reshape, slice } from '@tensorflow/tfjs-core';
import type { LayerStep } from './layer-step.ts';

export const flattenStep: LayerStep<FlattenLayer> = {
  forward: (_context, _layer, [x]) => reshape(x!, [x!.shape[0]!, -1]),
  backward: (_context, _layer, { inputs, gradient }) => ({ inputs: [reshape(gradient, inputs[0]!.shape)] }),
};

export const addStep: LayerStep<AddLayer> = {
  forward: (_context, _layer, inputs) => addN([...inputs]),
  backward: (_context, layer, { gradient }) => ({ inputs: layer.inputs.map(() => gradient.clone()) }),
};

export const concatStep: LayerStep<ConcatLayer> = {
  forward: (_context, _layer, inputs) => concat([...inputs], -1),
  backward(_context, _layer, { inputs, gradient }) {
    const lead = gradient.shape.slice(0, -1);
    let begin = 0;
    return {
      inputs: inputs.map((input) => {
        const channels = input.shape.at(-1)!;
        const part = slice(gradient, [...lead.map(() => 0), begin], [...lead, channels]);
        begin += channels;
        return part;
      }),
    };
  },
};
