import { type DueTurn, type LayerGraph, PAGE_TURN_EVERY, turnsFor } from '@clearmaps/deconvnet/graph';
import { type Picture, preprocess } from '@clearmaps/models';
import { bytesOfBase64 } from '../bytes-of-base64.ts';
import { SiteError } from '../errors.ts';
import type { NetName } from '../state/site-state.ts';
import { type DataName, dataOf } from './data-of.ts';

const HOUSE_NUMBERS = { count: 100, side: 32, seed: 1 } as const;
const DIGIT_SIDE = 28;

const PICTURES: Readonly<Record<DataName, (dueTurn: DueTurn) => Promise<Picture[]>>> = {
  digits: async () => {
    const { firstDigits } = await import('virtual:first-digits');
    return picturesOf(bytesOfBase64(firstDigits), DIGIT_SIDE, 1);
  },
  'house numbers': async (dueTurn) => {
    // Its typefaces weigh more than all methods.
    const { syntheticHouseNumbers } = await import('@clearmaps/datasets/synthetic');
    const { count, side, seed } = HOUSE_NUMBERS;
    const pictures: Picture[] = [];
    for (let from = 0; from < count; from++) {
      pictures.push(...picturesOf(syntheticHouseNumbers({ count: 1, from, seed }).images, side, 3));
      await dueTurn();
    }
    return pictures;
  },
};

/**
 * Network input of pictures like those that a net learnt from, [n, H, W, C].
 *
 * @throws SiteError where the page has none; the signal's reason once it is aborted
 */
export async function learnedFrom(
  net: NetName,
  graph: LayerGraph,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const data = dataOf(net, graph);
  if (data === undefined) {
    throw new SiteError({
      asked: 'a method that learns from pictures first',
      got: `none that "${graph.name}" learnt from`,
      allowed: 'the networks of this page',
      remedy: 'The command line takes a folder of them: clearmaps explain --data.',
    });
  }
  const dueTurn = turnsFor(signal, PAGE_TURN_EVERY);
  const pictures = await PICTURES[data](dueTurn);
  const size = graph.inputShape.reduce((a, b) => a * b);
  const values = new Float32Array(pictures.length * size);
  for (const [i, picture] of pictures.entries()) {
    values.set(preprocess(picture, graph.preprocessing!, graph.inputShape), i * size);
    await dueTurn();
  }
  return values;
}

/** @param bytes [n, side, side, channels] */
function picturesOf(bytes: Uint8Array, side: number, channels: 1 | 3): Picture[] {
  const size = side * side * channels;
  return Array.from({ length: bytes.length / size }, (_, i) => ({
    data: bytes.subarray(i * size, (i + 1) * size),
    width: side,
    height: side,
    channels,
  }));
}
