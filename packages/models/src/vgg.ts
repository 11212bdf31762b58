import { INPUT, type LayerGraph, type Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from './errors.ts';
import { GraphBuilder, type LayerBody, type ReadModelOptions } from './graph-builder.ts';

export interface VggLayer {
  /** [3, 3, in, out] of a convolution, [in, out] of a dense layer. */
  readonly kernel: Weight;
  /** [out]. */
  readonly bias: Weight;
  /** Batch normalisation, in the variants that have it. */
  readonly norm?: LayerBody;
}

/** A net of Simonyan & Zisserman 2014, table 1, whatever its widths. */
export interface VggWeights {
  /** Convolutions, each with a ReLU behind it; a 2x2 max pool ends a block. */
  readonly blocks: readonly (readonly VggLayer[])[];
  /** Behind a flatten, with ReLUs between them; the last gives the class scores. Empty for the `notop` half. */
  readonly dense: readonly VggLayer[];
}

export interface ReadVggOptions extends ReadModelOptions {
  /** [H, W, 3] for the `notop` half, which takes any; default [224, 224, 3]. With dense layers they decide. */
  readonly inputShape?: readonly [number, number, number];
}

/**
 * The graph of a VGG, its layers named as in Keras: block1_conv1, block1_pool, fc1, predictions. Without dense
 * layers it ends in the last pool and has no class scores: a body to put a head on.
 *
 * @throws GraphError, ModelFileError where the weights do not fit each other.
 */
export function vggGraph(weights: VggWeights, options: ReadVggOptions): LayerGraph {
  const { name = 'vgg', classNames, preprocessing } = options;
  const builder = new GraphBuilder(inputShapeOf(weights, options.inputShape));
  let last: string = INPUT;
  for (const [b, block] of weights.blocks.entries()) {
    for (const [c, { kernel, bias, norm }] of block.entries()) {
      const conv: LayerBody = { type: 'conv2d', kernel, bias, strides: [1, 1], padding: 'same' };
      last = builder.chain([conv, ...(norm ? [norm] : []), { type: 'relu' }], `block${b + 1}_conv${c + 1}`, [
        last,
      ]);
    }
    const pool: LayerBody = { type: 'maxPool2d', poolSize: [2, 2], strides: [2, 2], padding: 'valid' };
    last = builder.add(pool, `block${b + 1}_pool`, [last]);
  }
  if (weights.dense.length > 0) last = builder.add({ type: 'flatten' }, 'flatten', [last]);
  for (const [i, { kernel, bias }] of weights.dense.entries()) {
    const isLast = i === weights.dense.length - 1;
    const bodies: LayerBody[] = [{ type: 'dense', kernel, bias }, { type: isLast ? 'softmax' : 'relu' }];
    last = builder.chain(bodies, isLast ? 'predictions' : `fc${i + 1}`, [last]);
  }
  return builder.finish({ name, classNames, preprocessing });
}

/** Height, width and channels of the last pool. Padding adds nothing, so that each pool halves the picture. */
export function lastMapOf({ blocks, dense }: VggWeights): readonly [number, number, number] | undefined {
  const [first] = dense;
  if (!first) return undefined;
  const channels = blocks.at(-1)!.at(-1)!.kernel.shape.at(-1)!;
  const rows = first.kernel.shape[0]!;
  const side = Math.sqrt(rows / channels);
  if (Number.isInteger(side) && side >= 1) return [side, side, channels];
  throw new ModelFileError({
    asked: 'first dense layer of a VGG',
    got: `${rows} inputs`,
    allowed: `${channels} channels of a square: ${channels * 49} of the published nets`,
  });
}

function inputShapeOf(
  weights: VggWeights,
  asked: ReadVggOptions['inputShape'],
): readonly [number, number, number] {
  const channels = weights.blocks[0]![0]!.kernel.shape[2]!;
  const map = lastMapOf(weights);
  if (!map) return asked ?? [224, 224, channels];
  const side = map[0] * 2 ** weights.blocks.length;
  return [side, side, channels];
}
