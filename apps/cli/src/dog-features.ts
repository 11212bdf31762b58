import { type DogPicture, type StanfordDogs, streamDogs } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { FeatureExtractor, type FeatureMaps, mirrored } from '@clearmaps/training';
import { cachedFeatures, featureKey } from '@clearmaps/training/node';
import { dogDecoder } from './decode-dog.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export interface DogFeaturesRequest {
  readonly trunk: LayerGraph;
  readonly dogs: StanfordDogs;
  readonly pictures: readonly DogPicture[];
  /** Cut each picture to its largest dog. */
  readonly crop: boolean;
  /** Adds the mirrored pictures behind the others. */
  readonly mirrored: boolean;
  /** Where the cache is. */
  readonly folder: string;
  readonly terminal: Terminal;
}

/** Pictures at a time: a batch of VGG16 at 224x224 needs some 50 MB a picture. */
const BATCH = 8;

/** What the trunk makes of pictures: from the folder's cache, or computed into it. */
export async function dogFeatures(request: DogFeaturesRequest): Promise<FeatureMaps> {
  const { trunk, dogs, pictures, crop, folder, terminal } = request;
  const extractor = new FeatureExtractor(trunk);
  const sides = request.mirrored ? [false, true] : [false];
  const count = pictures.length * sides.length;
  const [height, width, channels] = extractor.shape;
  let bar: Progress | undefined;
  try {
    const key = await featureKey(trunk, picturesOf(request));
    const images = await cachedFeatures(folder, {
      key,
      count,
      size: height * width * channels,
      async *make(first) {
        bar = new Progress(terminal, 'features of the frozen layers', count - first);
        for (const [place, flip] of sides.entries()) {
          const left = pictures.slice(Math.max(0, first - place * pictures.length));
          for await (const batch of streamDogs(left, dogs.classNames, {
            ...dogDecoder(trunk),
            crop,
            batch: BATCH,
            signal: terminal.signal,
          })) {
            yield await extractor.maps(flip ? mirrored(batch) : batch);
            bar.advance(batch.count);
          }
        }
      },
    });
    const labels = Int32Array.from(sides.flatMap(() => pictures.map(({ label }) => label)));
    return { name: 'dogs', images, labels, count, height, width, channels, classNames: dogs.classNames };
  } finally {
    bar?.stop();
    extractor.dispose();
  }
}

/** All that decides the maps besides the trunk. */
async function* picturesOf({
  pictures,
  crop,
  mirrored,
  terminal,
}: DogFeaturesRequest): AsyncGenerator<Uint8Array | string, void, void> {
  // How a box becomes the part that is cut out changes the maps as the box does.
  yield JSON.stringify({ crop: crop && 'widened', mirrored });
  for (const picture of pictures) {
    terminal.signal.throwIfAborted();
    yield picture.file;
    yield await picture.read();
    if (crop) yield JSON.stringify((await picture.boxes())[0]);
  }
}
