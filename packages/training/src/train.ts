import { joinImages, type LabelledImages, type Split } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { Random } from '@clearmaps/random';
import { checkData, checkSplit } from './batches.ts';
import type { BestEpoch, Checkpoint } from './checkpoint.ts';
import { TrainingError } from './errors.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { type GradientSource, type GradientSourceFactory, gradientsHere } from './gradient-source.ts';
import { graphWithWeights, readValues } from './graph-weights.ts';
import { checkSameRun, type RunIdentity } from './same-run.ts';
import { learningRate } from './schedules.ts';
import { type TrainOptions, trainOptions } from './train-options.ts';
import { Trainer } from './trainer.ts';
import type { DataRecord, EpochRecord, TrainingRecord } from './training-record.ts';
import { areFeatureMaps, type TrainingSet } from './training-set.ts';
import { versions } from './versions.ts';

/** Told after each step. */
export interface StepReport {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** From 1, within the epoch. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly rate: number;
  /** Of the batch before the step: mean loss in nats, share of hits 0..1. */
  readonly loss: number;
  readonly accuracy: number;
  readonly images: number;
  readonly seconds: number;
}

export interface FreshImages {
  /** For the record: what is made, from which seed. */
  readonly name: string;
  /** Images an epoch. */
  readonly count: number;
  /** The images of an epoch, from 1: the same each time it is called for it. */
  make(epoch: number): LabelledImages;
}

export interface TrainRequest {
  /** Its weights are where the run starts. */
  readonly graph: LayerGraph;
  /** Where those weights come from, for the record: a seed, another run. */
  readonly start?: string;
  readonly data: TrainingSet;
  /** Of that data set, see `heldOutSplit`. */
  readonly split: Split;
  /**
   * Images to train on beside the split's training part, made anew for each epoch (from 1): drawings beside
   * photographs, say. They are augmented like all others and never held out.
   */
  readonly fresh?: FreshImages;
  /** Measured on after each epoch in place of the split's held-out part, which may then be empty. */
  readonly test?: TrainingSet;
  /**
   * Which epoch's weights are the outcome: 'best' (default) is the best on the held-out part, 'last' takes no notice
   * of it, so that what is measured there stays a fair estimate.
   */
  readonly keep?: 'best' | 'last';
  /** Over the preset of the graph's name, see `trainOptions`. */
  readonly options?: Partial<TrainOptions>;
  /** Goes on where it was made: the outcome is that of an uninterrupted run. */
  readonly resume?: Checkpoint;
  /** Told after each step. */
  readonly onStep?: (report: StepReport) => void;
  /** Told after each epoch, before `onCheckpoint`. */
  readonly onEpoch?: (record: EpochRecord, evaluation: Evaluation) => void | Promise<void>;
  /** Given all that a resumed run needs, after each epoch. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /**
   * Where gradients are computed; default in this thread. `parallelGradients` of `@clearmaps/training/node` shares
   * them among worker threads.
   */
  readonly gradients?: GradientSourceFactory;
  /** Stops after the step at hand. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** With the weights of the epoch that `keep` names. */
  readonly graph: LayerGraph;
  /** One an epoch. */
  readonly history: readonly EpochRecord[];
  /** To write beside the model. */
  readonly record: TrainingRecord;
}

/**
 * Fits a graph to the training part of a data set, epoch by epoch, and keeps the best epoch on the held-out part,
 * or the last.
 * Runs on the active TensorFlow.js backend. The same graph, data, split, options and backend give the same
 * weights, resumed or not.
 *
 * @throws TrainingError for options out of range, data that do not fit the graph, a checkpoint of another run, and
 *   a loss that is not a finite number; GraphError for a graph that cannot be trained; the signal's reason when
 *   aborted.
 */
export async function train(request: TrainRequest): Promise<TrainResult> {
  const { graph, data, split, test, keep = 'best', resume, signal } = request;
  signal?.throwIfAborted();
  const options = trainOptions(graph.name, request.options);
  const run: RunIdentity = {
    network: graph.name,
    data: dataRecord(request),
    split: split.record,
    options,
  };
  if (resume) checkSameRun(resume, run);
  const { optimizer, labelSmoothing, freeze, averageWeights } = options;
  const trainer = new Trainer(graph, { optimizer, labelSmoothing, freeze, averageWeights });
  let source: GradientSource | undefined;
  try {
    checkData(graph, data, trainer.net.classes, options.augmentation);
    if (test) checkData(graph, test, trainer.net.classes);
    checkSplit(data, split, test !== undefined);
    if (resume) trainer.restore(resume.trainer);
    const curve: EpochRecord[] = [...(resume?.curve ?? [])];
    let best = resume?.best;
    source = await (request.gradients ?? gradientsHere)(trainer, signal);
    while (curve.length < options.epochs) {
      const began = performance.now();
      const epoch = curve.length + 1;
      const trained = await trainEpoch(trainer, source, request, options, epoch);
      const evaluation = await evaluate(trainer.outcome, test ?? data, {
        indices: test ? undefined : split.heldOut,
        mirrorAtTest: options.mirrorAtTest,
        signal,
      });
      const record: EpochRecord = {
        epoch,
        step: trainer.step,
        ...trained,
        heldOutLoss: evaluation.loss,
        heldOutAccuracy: evaluation.accuracy,
        seconds: (performance.now() - began) / 1000,
      };
      curve.push(record);
      if (best === undefined || keep === 'last' || isBetter(evaluation, best.evaluation)) {
        best = { epoch, evaluation, weights: await readValues(trainer.outcome.parameters) };
      }
      await request.onEpoch?.(record, evaluation);
      if (request.onCheckpoint) {
        await request.onCheckpoint({ ...run, trainer: await trainer.save(), best, curve: [...curve] });
      }
    }
    return {
      graph: graphWithWeights(graph, best!.weights),
      history: curve,
      record: recordOf(request, options, curve, best!, source.workers),
    };
  } finally {
    trainer.dispose();
    await source?.close();
  }
}

async function trainEpoch(
  trainer: Trainer,
  source: GradientSource,
  request: TrainRequest,
  options: TrainOptions,
  epoch: number,
): Promise<Pick<EpochRecord, 'rate' | 'loss' | 'accuracy'>> {
  const { batchSize, seed, epochs, schedule, augmentation } = options;
  const { graph, signal, onStep } = request;
  const { data, indices: chosen } = imagesOfEpoch(request, epoch);
  const order = Random.stream(seed, 0, epoch).shuffle(chosen);
  const stepsPerEpoch = Math.ceil(order.length / batchSize);
  let loss = 0;
  let correct = 0;
  let rate = 0;
  for (let step = 0; step < stepsPerEpoch; step++) {
    signal?.throwIfAborted();
    const began = performance.now();
    const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
    const { gradients, result } = await source.gradients({
      data,
      indices,
      augmentation: augmentation ? { options: augmentation, path: [seed, 1, epoch] } : undefined,
      dropout: [seed, 2, epoch, step],
      signal,
    });
    rate = learningRate(schedule, trainer.step, epochs * stepsPerEpoch);
    try {
      trainer.applyGradients(gradients, rate);
    } finally {
      for (const gradient of gradients.values()) gradient.dispose();
    }
    if (!Number.isFinite(result.loss)) {
      throw new TrainingError({
        asked: `training "${graph.name}": epoch ${epoch}, step ${step + 1}`,
        got: `a loss of ${result.loss}`,
        remedy: `Lower the learning rate (the schedule's rate is ${schedule.rate}).`,
      });
    }
    loss += result.loss * result.images;
    correct += result.correct;
    onStep?.({
      epoch,
      epochs,
      step: step + 1,
      stepsPerEpoch,
      rate,
      loss: result.loss,
      accuracy: result.correct / result.images,
      images: result.images,
      seconds: (performance.now() - began) / 1000,
    });
  }
  return { rate, loss: loss / order.length, accuracy: correct / order.length };
}

/** What an epoch trains on: the training part, and the fresh images behind it. */
function imagesOfEpoch(
  { data, split, fresh }: TrainRequest,
  epoch: number,
): { data: TrainingSet; indices: Uint32Array } {
  if (!fresh) return { data, indices: split.train.slice() };
  if (areFeatureMaps(data)) {
    throw new TrainingError({
      asked: `fresh images beside ${data.name}`,
      got: 'feature maps',
      allowed: 'images',
    });
  }
  const joined = joinImages(data, fresh.make(epoch));
  const indices = Uint32Array.from({ length: split.train.length + joined.count - data.count }, (_, i) =>
    i < split.train.length ? split.train[i]! : data.count + i - split.train.length,
  );
  return { data: joined, indices };
}

export function dataRecord({ data, fresh, test }: Pick<TrainRequest, 'data' | 'fresh' | 'test'>): DataRecord {
  return {
    name: data.name,
    images: data.count,
    ...(fresh && { fresh: { name: fresh.name, imagesAnEpoch: fresh.count } }),
    ...(test && { test: { name: test.name, images: test.count } }),
  };
}

function isBetter(candidate: Evaluation, best: Evaluation): boolean {
  if (candidate.accuracy !== best.accuracy) return candidate.accuracy > best.accuracy;
  return candidate.loss < best.loss;
}

function recordOf(
  request: TrainRequest,
  options: TrainOptions,
  curve: readonly EpochRecord[],
  { epoch, evaluation }: BestEpoch,
  workers: number,
): TrainingRecord {
  const { graph, data, split, keep = 'best' } = request;
  return {
    format: 'clearmaps-training-1',
    network: graph.name,
    ...(request.start !== undefined && { start: request.start }),
    data: { ...dataRecord(request), classNames: data.classNames },
    split: split.record,
    options,
    curve,
    kept: keep,
    best: {
      epoch,
      heldOutAccuracy: evaluation.accuracy,
      heldOutLoss: evaluation.loss,
      heldOutAccuracyByClass: evaluation.accuracyByClass,
      heldOutConfusion: evaluation.confusion,
    },
    versions: versions(),
    workers,
    seconds: curve.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
