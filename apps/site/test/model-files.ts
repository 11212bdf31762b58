import '@tensorflow/tfjs-backend-cpu';
import type { ModelKind } from '@clearmaps/models';
import { hdf5, savedByKeras, writeWeights } from '../../../packages/models/test/hdf5-writer.ts';
import { safetensors, vggStateDict } from '../../../packages/models/test/safetensors-writer.ts';
import { teachableMachineModel } from '../../../packages/models/test/teachable-machine-model.ts';
import { TorchNet } from '../../../packages/models/test/torch-nets.ts';

/** A file that a visitor could give. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a visitor gives for one small net of each kind besides LayersModels, and what the page then says of it. */
export const MODEL_FILES: Readonly<
  Record<string, { kind: ModelKind; make(): Promise<readonly GivenFile[]>; layers: number; classes: number }>
> = {
  'Keras HDF5': {
    kind: 'HDF5',
    make: async () => [{ name: 'pets.h5', bytes: await savedByKeras(teachableMachineModel()) }],
    layers: 19,
    classes: 3,
  },
  safetensors: {
    kind: 'safetensors',
    make: async () => [{ name: 'vgg.safetensors', bytes: safetensors(vggStateDict(true)) }],
    layers: 15,
    classes: 4,
  },
  'ONNX with its weights beside it': {
    kind: 'ONNX',
    make: async () => [...onnxWithExternalData(), labels('moss', 'sand', 'sky', 'tin')],
    layers: 4,
    classes: 4,
  },
};

export function labels(...names: readonly string[]): GivenFile {
  return { name: 'labels.json', bytes: new TextEncoder().encode(JSON.stringify(names)) };
}

/** A convolution of 3x3 with four kernels on pictures of 16x16, its weights in a file of their own. */
export function onnxWithExternalData(): [model: GivenFile, weights: GivenFile] {
  const net = new TorchNet(1, 3, 16, 16);
  const external_data = [{ key: 'location', value: 'net.onnx.data' }];
  const weight = net.tensor({ dims: [4, 3, 3, 3], data_type: 1, external_data, data_location: 1 });
  const pooled = net.node('GlobalAveragePool', [
    net.node('Conv', [net.relu(net.conv(net.input, [3, 3], 3)), weight]),
  ]);
  const values = Float32Array.from({ length: 108 }, (_, i) => Math.sin(i + 1));
  return [
    { name: 'net.onnx', bytes: net.finish(net.node('Flatten', [pooled], { axis: 1 })) },
    { name: 'net.onnx.data', bytes: new Uint8Array(values.buffer) },
  ];
}

/** The weights of a VGG of one convolution, without its dense layers. */
export async function vggWithoutTop(): Promise<GivenFile> {
  const values = Float32Array.from({ length: 54 }, (_, i) => Math.sin(i));
  const bytes = await hdf5((file) =>
    writeWeights(file, '', {
      block1_conv1: {
        kernel: { shape: [3, 3, 3, 2], values },
        bias: { shape: [2], values: values.slice(0, 2) },
      },
    }),
  );
  return { name: 'notop.h5', bytes };
}
