import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { torchvisionPreprocessing } from '../image-net-preprocessing.ts';
import { type ReadVggOptions, vggGraph } from '../vgg.ts';
import { readSafetensors } from './safetensors-file.ts';
import { vggFromStateDict } from './vgg-state-dict.ts';

/**
 * Reads the weights of a torchvision VGG (11 to 19, with batch normalisation or without, whole or `features` only)
 * from a safetensors file of its state dict. Layers get the names of Keras' VGG, pictures torchvision's
 * preprocessing.
 *
 * @param bytes of the .safetensors file
 * @throws ModelFileError when the file is cut short or contradicts itself, and for the weights of another net.
 * @throws GraphError when the layers do not fit each other.
 */
export function graphFromSafetensors(bytes: Uint8Array, options: ReadVggOptions = {}): LayerGraph {
  const graph = vggGraph(vggFromStateDict(readSafetensors(bytes)), options);
  return { ...graph, preprocessing: options.preprocessing ?? torchvisionPreprocessing(graph.inputShape) };
}
