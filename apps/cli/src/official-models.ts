import { homedir } from 'node:os';
import { join } from 'node:path';
import type { OfficialDataset } from '@clearmaps/datasets/fetch';
import type { Preprocessing } from '@clearmaps/deconvnet/graph';

/** A trained model that is not ours to ship. */
export interface OfficialModel {
  /** The file that holds the net. */
  readonly file: string;
  /** The file with its classes, as Keras lists those of ImageNet. */
  readonly classes?: string;
  /** Where the file of the net does not say it. */
  readonly preprocessing?: Preprocessing;
  /** Where its files come from: each source has mirrors of its own. */
  readonly sources: readonly OfficialDataset[];
}

export type OfficialModelName = 'squeezenet1.1' | 'vgg16';

/** The 1000 classes in their order, as `keras.applications.imagenet_utils` checks them. */
const IMAGENET_CLASSES: OfficialDataset = {
  title: 'The names of the 1000 classes of ImageNet',
  home: 'https://github.com/keras-team/keras (keras/src/applications/imagenet_utils.py)',
  terms: 'Given out with Keras, Apache License 2.0.',
  mirrors: ['https://storage.googleapis.com/download.tensorflow.org/data/'],
  files: [
    {
      name: 'imagenet_class_index.json',
      part: 'classes',
      bytes: 35_363,
      md5: 'c2c37ea517e94d9795004a39431a14cb',
    },
  ],
  defaultParts: ['classes'],
};

/**
 * Checksums: SqueezeNet's is that of the Git LFS pointer of onnx/models; VGG16's is that of
 * keras/src/applications/vgg16.py, its size what Keras downloads.
 */
export const OFFICIAL_MODELS: Readonly<Record<OfficialModelName, OfficialModel>> = {
  'squeezenet1.1': {
    file: 'squeezenet1.1-7.onnx',
    classes: 'imagenet_class_index.json',
    // As the model zoo's page states it: torchvision's.
    preprocessing: {
      channels: 'rgb',
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      resize: 'centerCrop',
      shortSide: 256,
    },
    sources: [
      {
        title: 'SqueezeNet 1.1 trained on ImageNet, of the ONNX model zoo',
        home: 'https://github.com/onnx/models/tree/main/validated/vision/classification/squeezenet',
        terms: 'Apache License 2.0 (Iandola et al. 2016); trained on ImageNet.',
        mirrors: [
          'https://media.githubusercontent.com/media/onnx/models/main/validated/vision/classification/squeezenet/model/',
          'https://huggingface.co/onnxmodelzoo/squeezenet1.1-7/resolve/main/',
        ],
        files: [
          {
            name: 'squeezenet1.1-7.onnx',
            part: 'weights',
            bytes: 4_956_208,
            sha256: '1eeff551a67ae8d565ca33b572fc4b66e3ef357b0eb2863bb9ff47a918cc4088',
          },
        ],
        defaultParts: ['weights'],
      },
      IMAGENET_CLASSES,
    ],
  },
  vgg16: {
    file: 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
    sources: [
      {
        title: 'VGG16 trained on ImageNet, without its dense layers, of Keras',
        home: 'https://keras.io/api/applications/vgg/',
        terms:
          'Weights of Simonyan & Zisserman 2014 (http://www.robots.ox.ac.uk/~vgg/research/very_deep/), ' +
          'Creative Commons Attribution 4.0; trained on ImageNet.',
        mirrors: [
          'https://storage.googleapis.com/tensorflow/keras-applications/vgg16/',
          'https://github.com/fchollet/deep-learning-models/releases/download/v0.1/',
        ],
        files: [
          {
            name: 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
            part: 'weights',
            bytes: 58_889_256,
            md5: '6d6bbae143d832006294945121d1f1fc',
          },
        ],
        defaultParts: ['weights'],
      },
    ],
  },
};

/** Where fetched models are: below CLEARMAPS_CACHE, or the user's cache folder (XDG Base Directory). */
export function modelCache(name: OfficialModelName): string {
  const { CLEARMAPS_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  return join(own || join(shared || join(homedir(), '.cache'), 'clearmaps'), 'models', name);
}

export function isOfficial(name: string): name is OfficialModelName {
  return Object.hasOwn(OFFICIAL_MODELS, name);
}
