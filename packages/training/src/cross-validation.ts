import { type LabelledImages, selectImages, stratifiedFolds } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { wilsonInterval } from '@clearmaps/evaluation';
import { evaluate } from './evaluate.ts';
import {
  measureRobustness,
  type RobustnessOptions,
  type RobustnessResult,
  robustnessResult,
} from './robustness/measure-robustness.ts';
import { type TrainRequest, train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import { TrainableNet } from './trainable-net.ts';
import type { DataRecord } from './training-record.ts';
import { versions } from './versions.ts';

export interface CrossValidationRequest
  extends Pick<
    TrainRequest,
    'graph' | 'start' | 'fresh' | 'options' | 'gradients' | 'onStep' | 'onEpoch' | 'signal'
  > {
  readonly data: LabelledImages;
  /** From 2. */
  readonly folds: number;
  /** Of the cut into folds, see `stratifiedFolds`. */
  readonly seed: number;
  /** Measures each fold's net also on changed images that it has not seen: of no effect on the training. */
  readonly robustness?: Pick<RobustnessOptions, 'changes' | 'seed'>;
  /** Told after each fold, from 1. */
  readonly onFold?: (fold: number, result: FoldResult) => void | Promise<void>;
}

export interface FoldResult {
  readonly images: number;
  /** Share, 0..1. */
  readonly accuracy: number;
  /** Mean, nats. */
  readonly loss: number;
  /** [label][predicted]: numbers of images. */
  readonly confusion: readonly (readonly number[])[];
  /** Where asked for. */
  readonly robustness?: readonly RobustnessResult[];
}

/** What a recipe reaches on images it has not seen: plain data to write as `cross-validation.json`. */
export interface CrossValidationRecord {
  readonly format: 'clearmaps-cross-validation-1';
  readonly network: string;
  /** Where the first weights of every fold came from. */
  readonly start?: string;
  readonly data: DataRecord;
  /** Of the cut into folds. */
  readonly seed: number;
  readonly options: TrainOptions;
  readonly folds: readonly FoldResult[];
  /** All folds together: each image was decided once, by the net that had not seen it. */
  readonly pooled: {
    readonly right: number;
    readonly images: number;
    readonly accuracy: number;
    /** 95 %, Wilson: [low, high]. */
    readonly interval: readonly [number, number];
    /** Share by class, in label order. */
    readonly accuracyByClass: readonly number[];
    readonly confusion: readonly (readonly number[])[];
    readonly robustness?: readonly RobustnessResult[];
  };
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Measures a recipe on a small data set: trains once a fold, from the same first weights, on all images but the
 * fold's, and decides the fold's with the weights of the last epoch, so that nothing is chosen by them.
 *
 * @throws DatasetError for folds out of range; otherwise as `train` does.
 */
export async function crossValidate(request: CrossValidationRequest): Promise<CrossValidationRecord> {
  const { folds: count, seed, onFold, robustness, ...shared } = request;
  const folds: FoldResult[] = [];
  let last: Pick<CrossValidationRecord, 'data' | 'options'> | undefined;
  for (const split of stratifiedFolds(request.data.labels, { folds: count, seed })) {
    const { graph, record } = await train({ ...shared, split, keep: 'last' });
    const { classNames: _, ...data } = record.data;
    last = { data, options: record.options };
    const fold: FoldResult = {
      images: split.heldOut.length,
      accuracy: record.best.heldOutAccuracy,
      loss: record.best.heldOutLoss,
      confusion: record.best.heldOutConfusion,
      ...(robustness && {
        robustness: await robustnessOf(graph, selectImages(shared.data, split.heldOut), {
          ...robustness,
          signal: shared.signal,
        }),
      }),
    };
    folds.push(fold);
    await onFold?.(folds.length, fold);
  }
  return {
    format: 'clearmaps-cross-validation-1',
    network: request.graph.name,
    ...(request.start !== undefined && { start: request.start }),
    seed,
    ...last!,
    folds,
    pooled: pool(folds),
    versions: versions(),
  };
}

async function robustnessOf(
  graph: LayerGraph,
  images: LabelledImages,
  options: RobustnessOptions,
): Promise<readonly RobustnessResult[]> {
  const net = new TrainableNet(graph);
  try {
    const countRight = async (changed: LabelledImages): Promise<number> => {
      const { confusion } = await evaluate(net, changed, { signal: options.signal });
      return confusion.reduce((sum, row, label) => sum + row[label]!, 0);
    };
    return await measureRobustness(images, countRight, options);
  } finally {
    net.dispose();
  }
}

function pool(folds: readonly FoldResult[]): CrossValidationRecord['pooled'] {
  const confusion = folds[0]!.confusion.map((row, label) =>
    row.map((_, predicted) => folds.reduce((sum, fold) => sum + fold.confusion[label]![predicted]!, 0)),
  );
  const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  const images = folds.reduce((sum, fold) => sum + fold.images, 0);
  return {
    right,
    images,
    accuracy: right / images,
    interval: wilsonInterval(right, images),
    accuracyByClass: confusion.map((row, label) => row[label]! / row.reduce((a, b) => a + b, 0)),
    confusion,
    ...(folds[0]!.robustness && { robustness: poolRobustness(folds) }),
  };
}

function poolRobustness(folds: readonly FoldResult[]): RobustnessResult[] {
  return folds[0]!.robustness!.map(({ change, direction }, i) => {
    const total = (of: 'right' | 'images'): number =>
      folds.reduce((sum, { robustness }) => sum + robustness![i]![of], 0);
    return robustnessResult({ name: change, direction }, total('right'), total('images'));
  });
}
