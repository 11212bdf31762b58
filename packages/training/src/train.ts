import type { LabelledImages, Split } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { checkData, checkSplit, makeBatch } from './batches.ts';
import type { BestEpoch, Checkpoint } from './checkpoint.ts';
import { TrainingError } from './errors.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { graphWithWeights, readValues } from './graph-weights.ts';
import { nextTask } from './next-task.ts';
import { Random } from './random.ts';
import { checkSameRun, type RunIdentity } from './same-run.ts';
import { learningRate } from './schedules.ts';
import { type TrainOptions, trainOptions } from './train-options.ts';
import { Trainer } from './trainer.ts';
import type { EpochRecord, TrainingRecord } from './training-record.ts';
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

export interface TrainRequest {
  /** Its weights are where the run starts. */
  readonly graph: LayerGraph;
  readonly data: LabelledImages;
  /** Of that data set, see `heldOutSplit`. */
  readonly split: Split;
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
  /** Stops after the step at hand. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** With the weights of the best epoch on the held-out part. */
  readonly graph: LayerGraph;
  /** One an epoch. */
  readonly history: readonly EpochRecord[];
  /** To write beside the model. */
  readonly record: TrainingRecord;
}

/**
 * Fits a graph to the training part of a data set, epoch by epoch, and keeps the best epoch on the held-out part.
 * Runs on the active TensorFlow.js backend. The same graph, data, split, options and backend give the same
 * weights, resumed or not.
 *
 * @throws TrainingError for options out of range, data that do not fit the graph, a checkpoint of another run, and
 *   a loss that is not a finite number; GraphError for a graph that cannot be trained; the signal's reason when
 *   aborted.
 */
export async function train(request: TrainRequest): Promise<TrainResult> {
  const { graph, data, split, resume, signal } = request;
  signal?.throwIfAborted();
  const options = trainOptions(graph.name, request.options);
  const run: RunIdentity = {
    network: graph.name,
    data: { name: data.name, images: data.count },
    split: split.record,
    options,
  };
  if (resume) checkSameRun(resume, run);
  const { optimizer, labelSmoothing } = options;
  const trainer = new Trainer(graph, { optimizer, labelSmoothing });
  try {
    checkData(graph, data, trainer.net.classes);
    checkSplit(data, split);
    if (resume) trainer.restore(resume.trainer);
    const curve: EpochRecord[] = [...(resume?.curve ?? [])];
    let best = resume?.best;
    while (curve.length < options.epochs) {
      const began = performance.now();
      const epoch = curve.length + 1;
      const trained = await trainEpoch(trainer, request, options, epoch);
      const evaluation = await evaluate(trainer.net, data, { indices: split.heldOut, signal });
      const record: EpochRecord = {
        epoch,
        step: trainer.step,
        ...trained,
        heldOutLoss: evaluation.loss,
        heldOutAccuracy: evaluation.accuracy,
        seconds: (performance.now() - began) / 1000,
      };
      curve.push(record);
      if (best === undefined || isBetter(evaluation, best.evaluation)) {
        best = { epoch, evaluation, weights: await readValues(trainer.net.parameters) };
      }
      await request.onEpoch?.(record, evaluation);
      if (request.onCheckpoint) {
        await request.onCheckpoint({ ...run, trainer: await trainer.save(), best, curve: [...curve] });
      }
    }
    return {
      graph: graphWithWeights(graph, best!.weights),
      history: curve,
      record: recordOf(request, options, curve, best!),
    };
  } finally {
    trainer.dispose();
  }
}

async function trainEpoch(
  trainer: Trainer,
  { graph, data, split, signal, onStep }: TrainRequest,
  options: TrainOptions,
  epoch: number,
): Promise<Pick<EpochRecord, 'rate' | 'loss' | 'accuracy'>> {
  const { batchSize, seed, epochs, schedule, augmentation } = options;
  const order = Random.stream(seed, 0, epoch).shuffle(split.train.slice());
  const stepsPerEpoch = Math.ceil(order.length / batchSize);
  let loss = 0;
  let correct = 0;
  let rate = 0;
  for (let step = 0; step < stepsPerEpoch; step++) {
    signal?.throwIfAborted();
    const began = performance.now();
    const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
    const batch = makeBatch(
      graph,
      data,
      indices,
      augmentation ? { options: augmentation, path: [seed, 1, epoch] } : undefined,
    );
    rate = learningRate(schedule, trainer.step, epochs * stepsPerEpoch);
    const result = await trainer.fit(batch, rate, Random.stream(seed, 2, epoch, step));
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
    await nextTask();
  }
  return { rate, loss: loss / order.length, accuracy: correct / order.length };
}

function isBetter(candidate: Evaluation, best: Evaluation): boolean {
  if (candidate.accuracy !== best.accuracy) return candidate.accuracy > best.accuracy;
  return candidate.loss < best.loss;
}

function recordOf(
  { graph, data, split }: TrainRequest,
  options: TrainOptions,
  curve: readonly EpochRecord[],
  { epoch, evaluation }: BestEpoch,
): TrainingRecord {
  return {
    format: 'clearmaps-training-1',
    network: graph.name,
    data: { name: data.name, images: data.count, classNames: data.classNames },
    split: split.record,
    options,
    curve,
    best: {
      epoch,
      heldOutAccuracy: evaluation.accuracy,
      heldOutLoss: evaluation.loss,
      heldOutAccuracyByClass: evaluation.accuracyByClass,
      heldOutConfusion: evaluation.confusion,
    },
    versions: versions(),
    seconds: curve.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
