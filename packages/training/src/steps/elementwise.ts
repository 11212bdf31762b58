import type {
  AffineLayer,
  DropoutLayer,
  LeakyReluLayer,
  Relu6Layer,
  ReluLayer,
  ZeroPaddingLayer,
} from '@clearmaps/deconvnet';
import { rectify, slopeOf } from '@clearmaps/deconvnet/layers';
import { add, mul, pad, slice, type Tensor, type Tensor4D, tensor, tensor1d } from '@tensorflow/tfjs-core';
import type { LayerStep, StepContext } from './layer-step.ts';

/** The slope at a kink is the smaller one: 0 of a ReLU at 0. */
export const rectifierStep: LayerStep<ReluLayer | Relu6Layer | LeakyReluLayer> = {
  forward: (_context, layer, [x]) => rectify(layer, x!),
  backward: (_context, layer, { output, gradient }) => ({ inputs: [mul(gradient, slopeOf(layer, output))] }),
};

/** Scale and shift stay as they are: batch normalisation is trained elsewhere. */
export const affineStep: LayerStep<AffineLayer> = {
  forward(context, layer, [x]) {
    const scaled = mul(x!, constant(context, layer, 'scale')!);
    const shift = constant(context, layer, 'shift');
    return shift ? add(scaled, shift) : scaled;
  },
  backward: (context, layer, { gradient }) => ({
    inputs: [mul(gradient, constant(context, layer, 'scale')!)],
  }),
};

function constant(context: StepContext, layer: AffineLayer, role: 'scale' | 'shift'): Tensor | undefined {
  const weight = layer[role];
  return (
    weight &&
    context.keep(`${layer.name} ${role}`, () => {
      const value = tensor1d(weight.values);
      return { value, tensors: [value] };
    })
  );
}

export const zeroPadding2dStep: LayerStep<ZeroPaddingLayer> = {
  forward: (_context, { padding: [rows, columns] }, [x]) =>
    pad(x as Tensor4D, [[0, 0], [...rows], [...columns], [0, 0]]),
  backward: (_context, { padding: [[top], [left]] }, { inputs, gradient }) => ({
    inputs: [slice(gradient, [0, top, left, 0], inputs[0]!.shape)],
  }),
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
