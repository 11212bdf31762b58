import type { SplitRecord } from '@clearmaps/datasets';
import type { Evaluation } from './evaluate.ts';
import type { ParameterMap } from './graph-weights.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainerState } from './trainer.ts';
import type { DataRecord, EpochRecord } from './training-record.ts';

/** The epoch whose weights would be kept if the run ended now: the best so far on the held-out part, or the last. */
export interface BestEpoch {
  readonly epoch: number;
  readonly evaluation: Evaluation;
  /** By `layer/role`. */
  readonly weights: ParameterMap<Float32Array>;
}

/**
 * A run after a whole epoch, as plain data. Streams of random numbers start anew from (seed, epoch), so seed and
 * epoch are all the state they have.
 */
export interface Checkpoint {
  readonly network: string;
  readonly data: DataRecord;
  readonly split: SplitRecord;
  readonly options: TrainOptions;
  readonly trainer: TrainerState;
  readonly best: BestEpoch;
  /** One an epoch done. */
  readonly curve: readonly EpochRecord[];
}
