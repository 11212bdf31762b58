/** Hex. SHA-256 where it is published; some publishers give MD5 alone, which tells damage, not deceit. */
export type Checksum =
  | { readonly sha256: string; readonly md5?: undefined }
  | { readonly md5: string; readonly sha256?: undefined };

/** A file as its publisher gives it out. */
export type OfficialFile = Checksum & {
  readonly name: string;
  /** Which part of the data set it belongs to: 'train', 'test', 'images', ... */
  readonly part: string;
  readonly bytes: number;
};

/** Where a data set comes from, and on what terms. */
export interface OfficialDataset {
  readonly title: string;
  /** The page to read and to cite. */
  readonly home: string;
  /** The terms of use in one sentence, to be shown before a download. */
  readonly terms: string;
  /** Folders that hold all the files, ending in `/`, tried in order. */
  readonly mirrors: readonly string[];
  readonly files: readonly OfficialFile[];
  /** The parts that come when none are named. */
  readonly defaultParts: readonly string[];
}

export type OfficialDatasetName = 'mnist' | 'svhn' | 'dogs';

/**
 * The data sets of the paper. Sizes and SHA-256 are those of TensorFlow Datasets
 * (tensorflow/datasets: tensorflow_datasets/url_checksums/mnist.txt, svhn_cropped.txt, stanford_dogs.txt); mirrors
 * are theirs and torchvision's (pytorch/vision: torchvision/datasets/mnist.py, svhn.py).
 */
export const OFFICIAL_DATASETS: Readonly<Record<OfficialDatasetName, OfficialDataset>> = {
  mnist: {
    title: 'MNIST',
    home: 'http://yann.lecun.com/exdb/mnist/',
    // As the documentation of keras.datasets.mnist states it.
    terms:
      'Copyright Yann LeCun and Corinna Cortes; Creative Commons Attribution-Share Alike 3.0 ' +
      '(https://creativecommons.org/licenses/by-sa/3.0/).',
    // The home page itself refuses most downloads these days.
    mirrors: [
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
    ],
    files: [
      {
        name: 'train-images-idx3-ubyte.gz',
        part: 'train',
        bytes: 9_912_422,
        sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      },
      {
        name: 'train-labels-idx1-ubyte.gz',
        part: 'train',
        bytes: 28_881,
        sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      },
      {
        name: 't10k-images-idx3-ubyte.gz',
        part: 'test',
        bytes: 1_648_877,
        sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      },
      {
        name: 't10k-labels-idx1-ubyte.gz',
        part: 'test',
        bytes: 4542,
        sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      },
    ],
    defaultParts: ['train', 'test'],
  },
  svhn: {
    title: 'SVHN (Street View House Numbers), cropped digits',
    home: 'http://ufldl.stanford.edu/housenumbers/',
    terms: 'For non-commercial use only (Netzer et al. 2011, http://ufldl.stanford.edu/housenumbers/).',
    mirrors: ['http://ufldl.stanford.edu/housenumbers/'],
    files: [
      {
        name: 'train_32x32.mat',
        part: 'train',
        bytes: 182_040_794,
        sha256: '435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8',
      },
      {
        name: 'test_32x32.mat',
        part: 'test',
        bytes: 64_275_384,
        sha256: 'cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b',
      },
      {
        name: 'extra_32x32.mat',
        part: 'extra',
        bytes: 1_329_278_602,
        sha256: 'a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3',
      },
    ],
    // The paper trains without the 1.3 GB of extra crops.
    defaultParts: ['train', 'test'],
  },
  dogs: {
    title: 'Stanford Dogs',
    home: 'http://vision.stanford.edu/aditya86/ImageNetDogs/',
    terms:
      "Photographs from ImageNet, under ImageNet's terms: non-commercial research and education only " +
      '(Khosla et al. 2011, http://vision.stanford.edu/aditya86/ImageNetDogs/).',
    mirrors: ['http://vision.stanford.edu/aditya86/ImageNetDogs/'],
    files: [
      {
        name: 'lists.tar',
        part: 'lists',
        bytes: 481_280,
        sha256: '34b47cacd9a98b5d150e084f24d29391c084c55272295ec65c85651bc35f4d6c',
      },
      {
        name: 'annotation.tar',
        part: 'annotation',
        bytes: 21_852_160,
        sha256: '662ed36f707be6b195c2fda392d8e153e83af28cedc8e2134a649f198def30fd',
      },
      {
        name: 'images.tar',
        part: 'images',
        bytes: 793_579_520,
        sha256: 'a443fc2f9a851aa1a7b8e4fa4af94b8459fce2c9f5a2f4dd4669cf9673a4ec58',
      },
    ],
    defaultParts: ['lists', 'annotation', 'images'],
  },
};
