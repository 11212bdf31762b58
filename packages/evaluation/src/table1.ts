import type { LabelledImages } from '@clearmaps/datasets';
import type { LayerGraph, Reduction, Rule, Seed } from '@clearmaps/deconvnet/graph';
import { streamFor } from '@clearmaps/random';
import { againstOthers } from './contrast.ts';
import { decideMany, decisionOf } from './decide-many.ts';
import { EvaluationError } from './errors.ts';
import type { ExplainedNet } from './explained-net.ts';
import { inputBatches } from './input-batches.ts';
import { keepPixels } from './keep-pixels.ts';
import { randomMask } from './random-mask.ts';
import { type Removal, removedPixel, usualRemoval } from './removed-pixel.ts';
import { type Share, shareOf } from './share.ts';
import { firstPixels, strongestPixels, strongFeatures } from './strong-features.ts';

/** Which pixels are taken for the strong features: those above a share of the maximum, or the strongest so many. */
export type Cut = { readonly threshold: number } | { readonly area: number };

/** How a net decides when it sees a part of its images, and the rest of them. */
export interface Masked {
  /** Mean share of the pixels that the mask covers, 0..1. */
  readonly keptArea: number;
  readonly only: Share;
  readonly without: Share;
}

/**
 * Masks that know less than the true class's response, each of exactly as many pixels as that one's:
 * - randomMask: anywhere
 * - otherClass: where another class, drawn anew for each image, responds most
 * - randomWeights: where the true class responds most in nets of the same shape with random weights
 * - shuffledLabels: where it does in a net of the same shape that learned shuffled labels
 */
export const CONTROLS = ['randomMask', 'otherClass', 'randomWeights', 'shuffledLabels'] as const;
export type Control = (typeof CONTROLS)[number];

export interface MaskedRow extends Masked {
  readonly cut: Cut;
  readonly controls: Readonly<Partial<Record<Control, Masked>>>;
}

export interface Table1 {
  readonly full: Share;
  /** One a cut, in their order. */
  readonly rows: readonly MaskedRow[];
}

export interface Table1Options {
  readonly rule?: Rule;
  readonly seed?: Seed;
  /** How the colours of a response become one number a pixel. */
  readonly reduction?: Reduction;
  /** Whether a response counts for what it exceeds those of the other classes by, see `againstOthers`. */
  readonly contrast?: boolean;
  /** At least one. */
  readonly cuts: readonly Cut[];
  /** What takes the place of a removed pixel; {@link usualRemoval} unless told. */
  readonly removal?: Removal;
  /** None unless told; 'randomWeights' needs `randomNets`, 'shuffledLabels' a `shuffledNet`. */
  readonly controls?: readonly Control[];
  /** The same net with random weights, see `randomisedGraph`: once or, to be surer, several times over. */
  readonly randomNets?: readonly ExplainedNet[];
  /** The same net, trained on each other's labels (the data randomisation test of Adebayo et al. 2018). */
  readonly shuffledNet?: ExplainedNet;
  /** Of random masks and other classes: any integer; default 1. They depend on it and the image alone. */
  readonly randomSeed?: number;
  readonly signal?: AbortSignal;
  /** Told after each batch: images done of all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Table 1 of the CLEAR paper (section 4.3): accuracy on the full images, on the strong features of the true class
 * alone, and on what is left without them.
 *
 * @throws EvaluationError where there is no image or no cut, they do not fit the net, or a control lacks its net;
 *   what the net throws; the signal's reason once aborted
 */
export async function measureTable1(
  net: ExplainedNet,
  model: LayerGraph,
  set: LabelledImages,
  options: Table1Options,
): Promise<Table1> {
  const {
    cuts,
    controls = [],
    contrast = false,
    randomNets = [],
    shuffledNet,
    randomSeed = 1,
    signal,
    onProgress,
    rule,
    seed,
    reduction,
  } = options;
  /** Nets that a control reads its masks from, by that control. */
  const rivalNets: readonly (readonly [Control, ExplainedNet])[] = [
    ...randomNets.map((rival) => ['randomWeights', rival] as const),
    ...(shuffledNet ? [['shuffledLabels', shuffledNet] as const] : []),
  ].filter(([control]) => controls.includes(control));
  const lacking = (['randomWeights', 'shuffledLabels'] as const).some(
    (control) => controls.includes(control) && !rivalNets.some(([name]) => name === control),
  );
  const stranger = rivalNets.find(([, { classCount }]) => classCount !== net.classCount);
  if (cuts.length === 0 || set.count === 0 || lacking || stranger) {
    throw new EvaluationError({
      asked: 'table 1',
      got: `${set.count} images, ${cuts.length} cuts, controls ${controls.join(', ') || 'none'}${stranger ? `, a net of ${stranger[1].classCount} classes` : ''}`,
      allowed: `an image, a cut, and for controls by other nets such nets, of ${net.classCount} classes`,
    });
  }
  const { classCount } = net;
  const [height, width, channels] = model.inputShape;
  const pixels = height * width;
  const tallies = cuts.map(() => new Map<Control | 'trueClass', Tally>());
  let right = 0;
  let done = 0;
  for await (const { values, labels, indices } of inputBatches(set, model, { classCount, signal })) {
    const removed = removedPixel(model.preprocessing!, options.removal ?? usualRemoval(channels));
    const others = indices.map((index, i) =>
      otherClass(labels[i]!, classCount, streamFor(randomSeed, index)),
    );
    const wanted = controls.includes('otherClass') ? [...labels, ...others] : labels;
    const asked = contrast ? Array.from({ length: classCount }, (_, c) => c) : [...new Set(wanted)];
    const classes = asked.sort((a, b) => a - b);
    const explain = async (by: ExplainedNet): Promise<Float32Array> =>
      (await by.explain(values, { rule, seed, reduction, classes, signal })).maps;
    const own = await explain(net);
    const rivalMaps: (readonly [Control, Float32Array])[] = [];
    for (const [control, rival] of rivalNets) rivalMaps.push([control, await explain(rival)]);
    const mapOf = (maps: Float32Array, i: number, c: number): Float32Array => {
      const [row, length] = [classes.indexOf(c), classes.length * pixels];
      const ofImage = maps.subarray(i * length, (i + 1) * length);
      return contrast
        ? againstOthers(ofImage, classCount, row)
        : ofImage.subarray(row * pixels, (row + 1) * pixels);
    };
    const masks: { readonly tally: Tally; readonly image: number; readonly mask: Uint8Array }[] = [];
    for (const [i, label] of labels.entries()) {
      const trueMap = mapOf(own, i, label);
      const rivals: readonly (readonly [Control, Float32Array])[] = [
        ...(controls.includes('otherClass') ? [['otherClass', mapOf(own, i, others[i]!)] as const] : []),
        ...rivalMaps.map(([control, maps]) => [control, mapOf(maps, i, label)] as const),
      ];
      for (const [k, cut] of cuts.entries()) {
        const trueMask = cutOut(trueMap, cut);
        const area = areaOf(trueMask);
        const add = (name: Control | 'trueClass', mask: Uint8Array): void => {
          masks.push({ tally: tallyOf(tallies[k]!, name), image: i, mask });
        };
        add('trueClass', trueMask);
        if (controls.includes('randomMask')) {
          const next = streamFor(randomSeed, indices[i]! * cuts.length + k);
          add('randomMask', randomMask(pixels, area, next));
        }
        for (const [control, map] of rivals) add(control, firstPixels(map, area));
      }
    }
    const size = pixels * channels;
    const imageOf = (i: number): Float32Array => values.subarray(i * size, (i + 1) * size);
    // First the images as they are, then each mask twice: what it covers, and what it leaves.
    const count = labels.length + 2 * masks.length;
    const scores = await decideMany(net, { count, size, signal }, (to, at) => {
      const at2 = at - labels.length;
      if (at2 < 0) return to.set(imageOf(at));
      const { image, mask } = masks[at2 >> 1]!;
      keepPixels(to, imageOf(image), { mask, kept: at2 % 2 === 0 ? 1 : 0, removed });
    });
    const isRight = (at: number, label: number): number =>
      Number(decisionOf(scores.subarray(at * classCount, (at + 1) * classCount)) === label);
    labels.forEach((label, i) => {
      right += isRight(i, label);
    });
    masks.forEach(({ tally, image, mask }, m) => {
      tally.count++;
      tally.area += areaOf(mask) / pixels;
      tally.only += isRight(labels.length + 2 * m, labels[image]!);
      tally.without += isRight(labels.length + 2 * m + 1, labels[image]!);
    });
    done += labels.length;
    onProgress?.(done, set.count);
  }
  const rows = cuts.map((cut, k) => ({
    cut,
    ...masked(tallyOf(tallies[k]!, 'trueClass')),
    controls: Object.fromEntries(controls.map((control) => [control, masked(tallyOf(tallies[k]!, control))])),
  }));
  return { full: shareOf(right, set.count), rows };
}

/** Sums over masks. */
interface Tally {
  count: number;
  area: number;
  only: number;
  without: number;
}

function tallyOf<K>(tallies: Map<K, Tally>, key: K): Tally {
  const tally = tallies.get(key) ?? { count: 0, area: 0, only: 0, without: 0 };
  tallies.set(key, tally);
  return tally;
}

function masked({ count, area, only, without }: Tally): Masked {
  return { keptArea: area / count, only: shareOf(only, count), without: shareOf(without, count) };
}

function cutOut(map: Float32Array, cut: Cut): Uint8Array {
  return 'area' in cut
    ? strongestPixels(map, Math.round(cut.area * map.length))
    : strongFeatures(map, cut.threshold);
}

function areaOf(mask: Uint8Array): number {
  return mask.reduce((sum, value) => sum + value, 0);
}

function otherClass(label: number, classCount: number, next: () => number): number {
  return (label + 1 + (next() % (classCount - 1))) % classCount;
}
