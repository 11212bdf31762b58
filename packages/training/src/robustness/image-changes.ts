import type { LabelledImages } from '@clearmaps/datasets';
import { Random } from '@clearmaps/random';
import { type ColourChange, changeColours } from '../augmentation/colour-change.ts';
import { type Placement, resample } from '../augmentation/resample.ts';

/** A fixed change of pictures, to see what a net makes of it. */
export interface ImageChange {
  /** In words, without the direction: `shifted by 4 pixels`. */
  readonly name: string;
  /** One of several alike: `left`. */
  readonly direction?: string;
  readonly placement?: Omit<Placement, 'field'>;
  readonly colour?: ColourChange;
  /** 255 - byte: dark on light becomes light on dark. */
  readonly inverted?: boolean;
  /** Standard deviation of normal noise on each value, as a share of the range. */
  readonly noise?: number;
  /** For pictures of that many channels only; default for all. */
  readonly channels?: 1 | 3;
}

const shifts = [4, 6].flatMap((pixels) =>
  Object.entries({
    right: { right: pixels },
    left: { right: -pixels },
    down: { down: pixels },
    up: { down: -pixels },
  }).map(([direction, placement]) => ({ name: `shifted by ${pixels} pixels`, direction, placement })),
);

const turns = [15, 30, 45].flatMap((degrees) =>
  [1, -1].map((sign) => ({
    name: `turned by ${degrees} degrees`,
    direction: sign > 0 ? 'clockwise' : 'back',
    placement: { turn: (sign * degrees * Math.PI) / 180 },
  })),
);

/** What happens to pictures outside of data sets. Adding a change is one row. */
export const IMAGE_CHANGES: readonly ImageChange[] = [
  ...shifts,
  ...turns,
  ...[0.5, 0.7, 1.3].map((zoom) => ({ name: `${zoom} times as large`, placement: { zoom } })),
  { name: 'half as bright', colour: { brightness: 0.5 } },
  { name: 'a quarter as bright', colour: { brightness: 0.25 } },
  { name: 'a quarter of the contrast', colour: { contrast: 0.25 } },
  { name: 'gray', colour: { saturation: 0 }, channels: 3 },
  { name: 'inverted', inverted: true },
  ...[0.05, 0.1, 0.2, 0.3].map((noise) => ({ name: `noise of ${noise} of the range`, noise })),
];

/** The changes that make sense for a set: colour is not taken from pictures that have none. */
export function imageChangesFor({ channels }: Pick<LabelledImages, 'channels'>): readonly ImageChange[] {
  return IMAGE_CHANGES.filter((change) => (change.channels ?? channels) === channels);
}

/**
 * Copies of images `begin` to `end - 1` of a set, changed. Outside a picture is black where it is gray and what its
 * edge has where it is in colour; values are cut to 0..255 and rounded, as a picture file holds them.
 *
 * @param seed of the noise, which depends on it and on the image's index alone: more of it is the same, scaled
 */
export function changeImages(
  set: LabelledImages,
  { placement, colour, inverted = false, noise = 0 }: ImageChange,
  { begin = 0, end = set.count, seed }: { begin?: number; end?: number; seed: number },
): LabelledImages {
  const size = set.height * set.width * set.channels;
  const count = end - begin;
  const images = new Uint8Array(count * size);
  const values = new Float32Array(size);
  for (let i = 0; i < count; i++) {
    const source = set.images.subarray((begin + i) * size, (begin + i + 1) * size);
    if (placement) resample(source, values, set, placement, set.channels === 1 ? 0 : 'edge');
    else values.set(source);
    if (colour) changeColours(values, set.channels, colour);
    const random = Random.stream(seed, begin + i);
    for (let j = 0; j < size; j++) {
      let value = inverted ? 255 - values[j]! : values[j]!;
      if (noise > 0) value += 255 * noise * random.normal();
      images[i * size + j] = Math.round(Math.min(255, Math.max(0, value)));
    }
  }
  return { ...set, images, labels: set.labels.slice(begin, end), count };
}
