import { type LabelledImages, type Split, type SplitRecord, selectImages } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { wilsonInterval } from '@clearmaps/evaluation';
import type { Checkpoint } from './checkpoint.ts';
import { TrainingError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import {
  measureRobustness,
  type RobustnessOptions,
  type RobustnessResult,
  robustnessResult,
} from './robustness/measure-robustness.ts';
import { checkSame } from './same-run.ts';
import { dataRecord, type TrainRequest, train } from './train.ts';
import { type TrainOptions, trainOptions } from './train-options.ts';
import { TrainableNet } from './trainable-net.ts';
import type { DataRecord } from './training-record.ts';
import { areFeatureMaps } from './training-set.ts';
import { versions } from './versions.ts';

export interface CrossValidationRequest
  extends Pick<
    TrainRequest,
    'graph' | 'start' | 'data' | 'fresh' | 'options' | 'gradients' | 'onStep' | 'onEpoch' | 'signal'
  > {
  /** One a fold, as `stratifiedFolds` cuts them: each image is held out by one of them. */
  readonly splits: readonly Split[];
  /** Measures each fold's net also on changed images that it has not seen: of no effect on the training. */
  readonly robustness?: Pick<RobustnessOptions, 'changes' | 'seed'>;
  /** Goes on where it was made: the outcome is that of an uninterrupted run. */
  readonly resume?: CrossValidationProgress;
  /** Told after each fold, from 1, with the record of the folds so far. */
  readonly onFold?: (fold: number, result: FoldResult, soFar: CrossValidationRecord) => void | Promise<void>;
  /** Given the fold's own checkpoint after each of its epochs. */
  readonly onCheckpoint?: TrainRequest['onCheckpoint'];
}

/** What a cross-validation has done, to go on from. */
export interface CrossValidationProgress {
  /** Of the folds that are done, as `onFold` gave it; default none is. */
  readonly record?: CrossValidationRecord;
  /** Of the next fold, as `onCheckpoint` gave it; default it has not begun. */
  readonly checkpoint?: Checkpoint;
}

export interface FoldResult {
  readonly split: SplitRecord;
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
 * @throws TrainingError for less than two folds, changed images where the data are feature maps, and progress of
 *   another run; otherwise as `train` does.
 */
export async function crossValidate(request: CrossValidationRequest): Promise<CrossValidationRecord> {
  const { splits, onFold, robustness, resume, ...shared } = request;
  const { data } = shared;
  if (splits.length < 2) {
    throw new TrainingError({
      asked: `cross-validation on ${data.name}`,
      got: `${splits.length} folds`,
      allowed: 'from 2',
    });
  }
  if (robustness && areFeatureMaps(data)) {
    throw new TrainingError({
      asked: `cross-validation on changed images of ${data.name}`,
      got: 'feature maps',
      allowed: 'images',
    });
  }
  const run = {
    network: request.graph.name,
    data: dataRecord(request),
    seed: splits[0]!.record.seed,
    options: trainOptions(request.graph.name, request.options),
  };
  if (resume?.record) checkSameFolds(resume.record, run, splits, robustness !== undefined);
  const folds: FoldResult[] = [...(resume?.record?.folds ?? [])];
  const recordOf = (): CrossValidationRecord => ({
    format: 'clearmaps-cross-validation-1',
    ...(request.start !== undefined && { start: request.start }),
    ...run,
    folds: [...folds],
    pooled: pool(folds),
    versions: versions(),
  });
  let checkpoint = resume?.checkpoint;
  for (const split of splits.slice(folds.length)) {
    const { graph, record } = await train({ ...shared, split, keep: 'last', resume: checkpoint });
    checkpoint = undefined;
    const fold: FoldResult = {
      split: split.record,
      images: split.heldOut.length,
      accuracy: record.best.heldOutAccuracy,
      loss: record.best.heldOutLoss,
      confusion: record.best.heldOutConfusion,
      ...(robustness && {
        robustness: await robustnessOf(graph, selectImages(data as LabelledImages, split.heldOut), {
          ...robustness,
          mirrorAtTest: run.options.mirrorAtTest,
          signal: shared.signal,
        }),
      }),
    };
    folds.push(fold);
    await onFold?.(folds.length, fold, recordOf());
  }
  return recordOf();
}

/** @throws TrainingError where the folds done are not the first of those asked for, by the same recipe. */
function checkSameFolds(
  done: CrossValidationRecord,
  run: Pick<CrossValidationRecord, 'network' | 'data' | 'seed' | 'options'>,
  splits: readonly Split[],
  robustness: boolean,
): void {
  const { network, data, seed, options, folds } = done;
  checkSame('resumed cross-validation', {
    saved: {
      ...{ network, data, seed, options, folds: folds.map(({ split }) => split) },
      robustness: folds.some((fold) => fold.robustness !== undefined),
    },
    asked: { ...run, folds: splits.slice(0, folds.length).map(({ record }) => record), robustness },
  });
}

async function robustnessOf(
  graph: LayerGraph,
  images: LabelledImages,
  { mirrorAtTest, ...options }: RobustnessOptions & Pick<TrainOptions, 'mirrorAtTest'>,
): Promise<readonly RobustnessResult[]> {
  const net = new TrainableNet(graph);
  try {
    const countRight = async (changed: LabelledImages): Promise<number> => {
      const { confusion } = await evaluate(net, changed, { mirrorAtTest, signal: options.signal });
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
