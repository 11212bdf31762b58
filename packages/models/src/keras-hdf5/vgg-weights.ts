import type { Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { VggLayer, VggWeights } from '../vgg.ts';
import type { NamedWeight } from './graph-from-keras-hdf5.ts';

const DENSE = ['fc1', 'fc2', 'predictions'];

/**
 * The weights of a VGG by the layer names of keras.applications: block1_conv1 to block5_conv3, fc1, fc2,
 * predictions. Their own names differ from version to version (`block1_conv1_W_1:0`, `kernel:0`): each layer has its
 * kernel first, then its bias.
 *
 * @throws ModelFileError for the layers of another net, and for layers without weights.
 */
export function vggWeights(layers: ReadonlyMap<string, readonly NamedWeight[]>): VggWeights {
  const blocks: VggLayer[][] = [];
  const dense: VggLayer[] = [];
  for (const [name, weights] of layers) {
    if (weights.length === 0) continue;
    const [, block, conv] = /^block([1-9])_conv([1-9])$/.exec(name) ?? [];
    if (block !== undefined && Number(block) <= blocks.length + 1 && Number(block) >= blocks.length) {
      const at = Number(block) - 1;
      blocks[at] ??= [];
      if (Number(conv) !== blocks[at].length + 1) throw strange(name, layers);
      blocks[at].push(vggLayer(name, weights, 4));
    } else if (name === DENSE[dense.length]) dense.push(vggLayer(name, weights, 2));
    else throw strange(name, layers);
  }
  if (blocks.length === 0) throw strange('', layers);
  if (dense.length !== 0 && dense.length !== DENSE.length) throw strange(DENSE[dense.length]!, layers);
  return { blocks, dense };
}

function vggLayer(name: string, weights: readonly NamedWeight[], rank: number): VggLayer {
  const [kernel, bias] = weights.map(({ shape, values }) => ({ shape, values }));
  const isWeight = (weight: Partial<Weight> | undefined, wanted: number): weight is Weight =>
    weight?.values !== undefined && weight.shape?.length === wanted;
  if (weights.length === 2 && isWeight(kernel, rank) && isWeight(bias, 1)) return { kernel, bias };
  throw new ModelFileError({
    asked: `HDF5 file: weights of "${name}"`,
    got: weights.map((weight) => `${weight.name} ${weight.dtype} [${weight.shape.join(', ')}]`).join(', '),
    allowed: `a kernel of rank ${rank} and a bias, float32`,
  });
}

function strange(name: string, layers: ReadonlyMap<string, unknown>): ModelFileError {
  const listed = [...layers.keys()].slice(0, 12).join(', ');
  return new ModelFileError({
    asked: 'HDF5 file of weights alone',
    got: `${name === '' ? 'no' : `layer "${name}"`} among ${listed || 'none'}`,
    allowed: `the layers of VGG16 or VGG19: block1_conv1, ..., block5_conv3, ${DENSE.join(', ')}`,
    remedy: "Save other nets whole, with their layers: model.save('model.h5').",
  });
}
