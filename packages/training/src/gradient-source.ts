import { Random } from '@clearmaps/random';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type BatchAugmentation, makeBatch } from './batches.ts';
import type { ParameterMap } from './graph-weights.ts';
import { nextTask } from './next-task.ts';
import type { StepResult, Trainer } from './trainer.ts';
import type { TrainingSet } from './training-set.ts';

/** The batch of one step, and the random numbers it draws from. */
export interface StepTask {
  readonly data: TrainingSet;
  /** Of the batch's images in the set. */
  readonly indices: ArrayLike<number>;
  readonly augmentation?: BatchAugmentation;
  /** Of the stream that dropout draws from. */
  readonly dropout: readonly number[];
  readonly signal?: AbortSignal;
}

/** The gradients of a step, by `layer/role`; the taker disposes them. */
export interface StepGradients {
  readonly gradients: ParameterMap<Tensor>;
  readonly result: StepResult;
}

/**
 * Where the gradients of a run's steps are computed. Lets other events run at each step, so that a run can be
 * watched and aborted.
 */
export interface GradientSource {
  /** Threads that share a step, for the record: their number decides in which order float32 numbers are added. */
  readonly workers: number;
  /**
   * The gradient of the batch's mean loss at the trainer's present weights.
   *
   * @throws TrainingError when it cannot be computed; the signal's reason when aborted.
   */
  gradients(task: StepTask): Promise<StepGradients>;
  /** Ends what the source holds. */
  close(): Promise<void>;
}

/** Makes a run's source once its trainer stands; rejects with the signal's reason when aborted. */
export type GradientSourceFactory = (trainer: Trainer, signal?: AbortSignal) => Promise<GradientSource>;

/** In the present thread: what `train` does unless told otherwise. */
export const gradientsHere: GradientSourceFactory = async (trainer) => ({
  workers: 1,
  async gradients({ data, indices, augmentation, dropout }) {
    const batch = makeBatch(trainer.net.graph, data, indices, augmentation);
    const { gradients, result } = trainer.gradients(batch, Random.stream(...dropout));
    const read = await result;
    await nextTask();
    return { gradients, result: read };
  },
  close: () => Promise.resolve(),
});
