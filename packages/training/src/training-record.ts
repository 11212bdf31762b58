import type { SplitRecord } from '@clearmaps/datasets';
import type { TrainOptions } from './train-options.ts';

/** One pass over the training part. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Steps taken so far. */
  readonly step: number;
  /** Learning rate of the epoch's last step. */
  readonly rate: number;
  /** Means over the epoch's steps, each before its update, on augmented images, with dropout and smoothing. */
  readonly loss: number;
  readonly accuracy: number;
  /** On the held-out part, after the epoch, of the averaged weights where they are averaged: nats and a share, 0..1. */
  readonly heldOutLoss: number;
  readonly heldOutAccuracy: number;
  /** Wall time of the epoch with its evaluation. */
  readonly seconds: number;
}

/** What a run trained on and was measured on. */
export interface DataRecord {
  readonly name: string;
  readonly images: number;
  /** Images made anew for each epoch, beside the training part. */
  readonly fresh?: { readonly name: string; readonly imagesAnEpoch: number };
  /** Measured on in place of a held-out part: "held out" in this record then means this set. */
  readonly test?: { readonly name: string; readonly images: number };
}

/** How a model came to be: plain data to write beside it as `training.json`. */
export interface TrainingRecord {
  readonly format: 'clearmaps-training-1';
  /** The graph's name. */
  readonly network: string;
  /** Where the first weights came from. */
  readonly start?: string;
  readonly data: DataRecord & { readonly classNames: readonly string[] };
  readonly split: SplitRecord;
  readonly options: TrainOptions;
  readonly curve: readonly EpochRecord[];
  /** How the epoch was chosen: 'best' is the highest held-out accuracy, then the lowest loss, then the earliest. */
  readonly kept: 'best' | 'last';
  /** The epoch whose weights were kept. */
  readonly best: {
    readonly epoch: number;
    readonly heldOutAccuracy: number;
    readonly heldOutLoss: number;
    /** Share by class, in label order. */
    readonly heldOutAccuracyByClass: readonly number[];
    /** [label][predicted]: numbers of images. */
    readonly heldOutConfusion: readonly (readonly number[])[];
  };
  readonly versions: Readonly<Record<string, string>>;
  /** Threads that shared each step in the last part of the run: another number rounds differently. */
  readonly workers: number;
  /** Wall time of all epochs. */
  readonly seconds: number;
}
