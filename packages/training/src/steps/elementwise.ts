import type { DropoutLayer, ReluLayer } from '@clearmaps/deconvnet';
import { mul, relu, step, tensor } from '@tensorflow/tfjs-core';
import type { LayerStep } from './layer-step.ts';

/** The slope at 0 is taken as 0. */
export const reluStep: LayerStep<ReluLayer> = {
  forward: (_context, _layer, [x]) => relu(x!),
  backward: (_context, _layer, { output, gradient }) => ({ inputs: [mul(gradient, step(output))] }),
};

/** Inverted dropout (Srivastava et al. 2014): what stays is divided by 1 - rate, so evaluation changes nothing. */
export const dropoutStep: LayerStep<DropoutLayer> = {
  forward(_context, { rate }, [x], pass) {
    if (pass === undefined || rate === 0) return x!.clone();
    const kept = new Float32Array(x!.size);
    const size = x!.size / x!.shape[0]!;
    for (let image = 0; image < x!.shape[0]!; image++) {
      const random = pass.randomOf(image);
      for (let i = image * size; i < (image + 1) * size; i++) {
        kept[i] = random.uniform() < rate ? 0 : 1 / (1 - rate);
      }
    }
    const mask = tensor(kept, x!.shape);
    pass.save(mask);
    return mul(x!, mask);
  },
  backward: (_context, _layer, { gradient, saved }) => ({
    inputs: [saved[0] ? mul(gradient, saved[0]) : gradient.clone()],
  }),
};
