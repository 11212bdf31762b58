import type { Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { normalisation } from '../normalisation.ts';
import { kernelFromOihw, rowsFromChw, transposed } from '../torch-weights.ts';
import { lastMapOf, type VggLayer, type VggWeights } from '../vgg.ts';
import type { StateTensor } from './safetensors-file.ts';

const DENSE = [0, 3, 6];

/**
 * The weights of a torchvision VGG, with or without batch normalisation, by the names of its state dict:
 * `features.N.weight`, `classifier.0.weight`. The numbers tell where the pools stand: they count every module, and
 * a pool is the one between the ReLU of a convolution and the next convolution.
 *
 * @throws ModelFileError for the state dict of another net, and for weights that are missing or of other shapes.
 */
export function vggFromStateDict(tensors: ReadonlyMap<string, StateTensor>): VggWeights {
  const convs = [...tensors.entries()]
    .filter(([name, { shape }]) => /^features\.\d+\.weight$/.test(name) && shape.length === 4)
    .map(([name]) => Number(name.split('.')[1]))
    .sort((a, b) => a - b);
  if (convs[0] !== 0) throw strange(tensors);
  const blocks: VggLayer[][] = [[]];
  for (const [i, at] of convs.entries()) {
    const hasNorm = tensors.has(`features.${at + 1}.running_mean`);
    blocks.at(-1)!.push(convolution(tensors, at, hasNorm));
    // The convolution, its normalisation and its ReLU; what comes before the next convolution is a pool.
    const next = at + (hasNorm ? 3 : 2);
    const following = convs[i + 1];
    if (following === next + 1) blocks.push([]);
    else if (following !== undefined && following !== next) throw strange(tensors);
  }
  const dense = tensors.has('classifier.0.weight') ? DENSE.map((at) => denseLayer(tensors, at)) : [];
  const map = lastMapOf({ blocks, dense });
  if (!map) return { blocks, dense };
  const [first, ...others] = dense as [VggLayer, ...VggLayer[]];
  return { blocks, dense: [{ ...first, kernel: rowsFromChw(first.kernel, map) }, ...others] };
}

function convolution(tensors: ReadonlyMap<string, StateTensor>, at: number, hasNorm: boolean): VggLayer {
  const weight = take(tensors, `features.${at}.weight`, [undefined, undefined, 3, 3]);
  const kernel = kernelFromOihw(weight.values, weight.shape);
  const out = weight.shape[0]!;
  const bias = take(tensors, `features.${at}.bias`, [out]);
  if (!hasNorm) return { kernel, bias };
  const values = (name: string) => take(tensors, `features.${at + 1}.${name}`, [out]).values;
  const norm = normalisation({
    gamma: values('weight'),
    beta: values('bias'),
    mean: values('running_mean'),
    variance: values('running_var'),
    // PyTorch's BatchNorm2d; a state dict does not hold it.
    epsilon: 1e-5,
  });
  return { kernel, bias, norm };
}

function denseLayer(tensors: ReadonlyMap<string, StateTensor>, at: number): VggLayer {
  const { values, shape } = take(tensors, `classifier.${at}.weight`, [undefined, undefined]);
  return { kernel: transposed(values, shape), bias: take(tensors, `classifier.${at}.bias`, [shape[0]!]) };
}

function take(
  tensors: ReadonlyMap<string, StateTensor>,
  name: string,
  shape: readonly (number | undefined)[],
): Weight {
  const tensor = tensors.get(name);
  const fits =
    tensor?.shape.length === shape.length &&
    shape.every((size, i) => tensor.shape[i]! >= 1 && (size === undefined || size === tensor.shape[i]));
  if (fits) return { shape: tensor.shape, values: tensor.floats() };
  throw new ModelFileError({
    asked: `state dict: "${name}"`,
    got: tensor ? `[${tensor.shape.join(', ')}]` : 'nothing',
    allowed: `floats, [${shape.map((size) => size ?? 'any').join(', ')}]`,
  });
}

function strange(tensors: ReadonlyMap<string, unknown>): ModelFileError {
  const names = [...tensors.keys()];
  return new ModelFileError({
    asked: 'state dict',
    got:
      names.length === 0 ? 'no weights' : `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', ...' : ''}`,
    allowed: 'that of a torchvision VGG: features.0.weight, ..., classifier.6.bias',
    remedy: 'A state dict says nothing of its layers: export other nets to ONNX (torch.onnx.export).',
  });
}
