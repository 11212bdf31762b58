import type { LabelledImages } from '@clearmaps/datasets';
import type { AsyncExplainOptions, Explanation, LayerGraph, Rule } from '@clearmaps/deconvnet/graph';
import { streamFor } from '@clearmaps/random';
import { decisionOf } from '../decide-many.ts';
import type { ExplainedNet } from '../explained-net.ts';
import { inputBatches } from '../input-batches.ts';
import { type Removal, removedPixel, usualRemoval } from '../removed-pixel.ts';
import { byFallingResponse, strongFeatures } from '../strong-features.ts';
import { changedClassShare, classCorrelation, energyShare, maskDifference } from './class-difference.ts';
import { maxSensitivity } from './max-sensitivity.ts';
import { areaOver, areaUnder, type Perturbation, perturbationCurves } from './perturbation-curve.ts';
import { giniIndex } from './sparsity.ts';

/** What is measured of each image's map of its true class, and what it says. */
export const MEASURES = {
  deletion: 'area under the deletion curve (Petsiuk et al. 2018); low is good',
  insertion: 'area under the insertion curve (Petsiuk et al. 2018); high is good',
  pixelFlipping: 'area over the pixel flipping curve (Samek et al. 2017); high is good',
  sparsity: 'Gini index of the map (Chalasani et al. 2020); high: few pixels carry it',
  maxSensitivity: 'largest relative change for slightly other images (Yeh et al. 2019); low is good',
  classCorrelation: 'mean correlation between the maps of all classes; low: maps depend on the class',
  maskDifference: 'share of strong features that true and another class do not have in common; high is good',
  energyShare: 'share of the CLEAR map that has the colour of the decision; high is good',
  ruleChange: 'share of lit pixels whose class changes with the other rule; low: rules agree',
} as const;
export type MeasureName = keyof typeof MEASURES;

/** Of one image. */
export type ImageMeasures = Readonly<Record<MeasureName, number>>;

export interface MeasureOptions extends Pick<AsyncExplainOptions, 'rule' | 'seed' | 'reduction' | 'signal'> {
  /** The rule that `ruleChange` compares with. */
  readonly otherRule: Rule;
  /** Where `maskDifference` cuts. */
  readonly threshold: number;
  readonly removal?: Removal;
  /** Of the curves; 20 unless told. */
  readonly steps?: number;
  /** Of `maxSensitivity`: neighbours tried, and how far they lie as a share of the range of a byte; 10 and 0.02. */
  readonly samples?: number;
  readonly radius?: number;
  /** Of the neighbours and other classes: any integer; 1 unless told. */
  readonly randomSeed?: number;
}

/**
 * All measures of some images of a set, in their order. Depends on nothing but the images and the options, so that
 * a set can be cut into pieces.
 *
 * @throws EvaluationError where the images do not fit the net; what the net throws; the signal's reason once aborted
 */
export async function measureExplanations(
  net: ExplainedNet,
  model: LayerGraph,
  set: LabelledImages,
  indices: readonly number[],
  options: MeasureOptions,
): Promise<ImageMeasures[]> {
  const { rule, seed, reduction, signal, otherRule, steps = 20, threshold, randomSeed = 1 } = options;
  const { samples = 10, radius = 0.02 } = options;
  const [height, width, channels] = model.inputShape;
  const pixels = height * width;
  const size = pixels * channels;
  const results: ImageMeasures[] = [];
  const batches = inputBatches(set, model, { indices, classCount: net.classCount, signal });
  for await (const { values, labels, indices: places } of batches) {
    const own = await net.explain(values, { rule, seed, reduction, signal });
    const other = await net.explain(values, { rule: otherRule, seed, reduction, signal });
    const preprocessing = model.preprocessing!;
    const removed = removedPixel(preprocessing, options.removal ?? usualRemoval(channels));
    const mapOf = (i: number, c: number): Float32Array => {
      const begin = (i * net.classCount + c) * pixels;
      return own.maps.subarray(begin, begin + pixels);
    };
    const perturbations = labels.flatMap((classIndex, i): Perturbation[] => {
      const image = values.subarray(i * size, (i + 1) * size);
      const nothing = image.map((_, at) => removed[at % channels]!);
      const negative = image.map((value, at) => {
        const c = at % channels;
        return (255 * preprocessing.scale - 2 * preprocessing.mean[c]!) / preprocessing.std[c]! - value;
      });
      const order = byFallingResponse(mapOf(i, classIndex));
      return [
        { from: image, to: nothing, order, classIndex },
        { from: nothing, to: image, order, classIndex },
        { from: image, to: negative, order, classIndex },
      ];
    });
    const curves = await perturbationCurves(net, perturbations, { steps, signal });
    for (const [i, label] of labels.entries()) {
      const next = streamFor(randomSeed, places[i]!);
      const stranger = (label + 1 + (next() % (net.classCount - 1))) % net.classCount;
      const decision = decisionOf(own.probabilities.subarray(i * net.classCount, (i + 1) * net.classCount));
      const image = values.subarray(i * size, (i + 1) * size);
      results.push({
        deletion: areaUnder(curves[3 * i]!),
        insertion: areaUnder(curves[3 * i + 1]!),
        pixelFlipping: areaOver(curves[3 * i + 2]!),
        sparsity: giniIndex(mapOf(i, label)),
        maxSensitivity: await maxSensitivity(net, image, {
          ...{ rule, seed, reduction, signal, samples, next, classIndex: label },
          radius: (radius * 255 * preprocessing.scale) / preprocessing.std[0]!,
        }),
        classCorrelation: classCorrelation(Array.from({ length: net.classCount }, (_, c) => mapOf(i, c))),
        maskDifference: maskDifference(
          strongFeatures(mapOf(i, label), threshold),
          strongFeatures(mapOf(i, stranger), threshold),
        ),
        energyShare: energyShare(dominantOf(own, i, pixels), decision),
        ruleChange: changedClassShare(dominantOf(own, i, pixels), dominantOf(other, i, pixels)),
      });
    }
  }
  return results;
}

function dominantOf(
  { dominantClass, dominantResponse }: Explanation,
  i: number,
  pixels: number,
): Pick<Explanation, 'dominantClass' | 'dominantResponse'> {
  return {
    dominantClass: dominantClass.subarray(i * pixels, (i + 1) * pixels),
    dominantResponse: dominantResponse.subarray(i * pixels, (i + 1) * pixels),
  };
}
