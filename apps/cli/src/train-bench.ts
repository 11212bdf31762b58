import type { LabelledImages } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import {
  type Batch,
  type GradientSource,
  gradientsHere,
  Random,
  type StepTask,
  Trainer,
  trainOptions,
} from '@clearmaps/training';
import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { gradientsOf } from './workers.ts';

export interface TrainBenchRequest {
  readonly model: LayerGraph;
  /** The name of the one that runs. */
  readonly backend: string;
  /** Images a step; default the preset of the graph. */
  readonly batch?: number;
  /** Threads to compare with one, from 2. */
  readonly workers: number;
  readonly rounds: number;
}

/** The fastest of the rounds, and ratios of these: what else a machine does only adds time. */
export interface TrainBenchReport {
  readonly model: string;
  readonly backend: string;
  readonly rounds: number;
  /** Images a step. */
  readonly batch: number;
  /** Class scores of the batch, milliseconds. */
  readonly forwardMs: number;
  /** Forward, backward and the optimiser on the same batch, milliseconds. */
  readonly stepMs: number;
  readonly stepOverForward: number;
  readonly workers: number;
  /** Whole steps of a run, augmentation included, in one thread and in `workers`. */
  readonly imagesPerSecond: { readonly oneWorker: number; readonly workers: number };
  readonly workersOverOne: number;
}

/** Forward passes timed in one go, as long as a step: on a busy machine the short of two tasks is the less disturbed. */
const PASSES = 4;

/** Times training on noise, round by round, so that whatever else the machine does hits all tasks alike. */
export async function benchTraining(
  { model, backend, batch, workers, rounds }: TrainBenchRequest,
  terminal: Terminal,
): Promise<TrainBenchReport> {
  const { signal } = terminal;
  const { optimizer, labelSmoothing, augmentation, batchSize } = trainOptions(model.name, {
    batchSize: batch,
  });
  const trainer = new Trainer(model, { optimizer, labelSmoothing });
  const data = noise(model, batchSize, trainer.net.classes);
  const prepared: Batch = {
    images: Float32Array.from(data.images, (byte) => byte / 255),
    labels: data.labels,
  };
  const images = tensor4d(prepared.images, [batchSize, ...model.inputShape] as Tensor4D['shape']);
  const task: StepTask = {
    data,
    indices: Array.from({ length: batchSize }, (_, i) => i),
    augmentation: augmentation ? { options: augmentation, path: [1] } : undefined,
    dropout: [2],
    signal,
  };
  const sources: GradientSource[] = [];
  const progress = new Progress(terminal, 'bench', rounds);
  try {
    sources.push(await gradientsHere(trainer), await gradientsOf(workers, backend)!(trainer, signal));
    const [alone, shared] = sources as [GradientSource, GradientSource];
    const tasks = {
      forward: async () => {
        for (let pass = 0; pass < PASSES; pass++) {
          const scores = trainer.net.predict(images);
          await scores.data();
          scores.dispose();
        }
      },
      // At a rate of 0, so that the weights stay where the work is that of any other step.
      step: async () => void (await trainer.fit(prepared, 0, Random.stream(2))),
      alone: () => takeStep(trainer, alone, task),
      shared: () => takeStep(trainer, shared, task),
    };
    const fastest = { forward: Infinity, step: Infinity, alone: Infinity, shared: Infinity };
    // Round 0 warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const name of Object.keys(tasks) as (keyof typeof tasks)[]) {
        signal.throwIfAborted();
        const start = performance.now();
        await tasks[name]();
        if (round > 0) fastest[name] = Math.min(fastest[name], performance.now() - start);
      }
      if (round > 0) progress.advance();
    }
    return {
      model: model.name,
      backend,
      rounds,
      batch: batchSize,
      forwardMs: fastest.forward / PASSES,
      stepMs: fastest.step,
      stepOverForward: (PASSES * fastest.step) / fastest.forward,
      workers,
      imagesPerSecond: {
        oneWorker: (1000 * batchSize) / fastest.alone,
        workers: (1000 * batchSize) / fastest.shared,
      },
      workersOverOne: fastest.alone / fastest.shared,
    };
  } finally {
    progress.stop();
    await Promise.all(sources.map((source) => source.close()));
    images.dispose();
    trainer.dispose();
  }
}

async function takeStep(trainer: Trainer, source: GradientSource, task: StepTask): Promise<void> {
  const { gradients } = await source.gradients(task);
  trainer.applyGradients(gradients, 0);
  for (const gradient of gradients.values()) gradient.dispose();
}

function noise({ inputShape }: LayerGraph, count: number, classes: number): LabelledImages {
  const [height, width, channels] = inputShape;
  const random = Random.stream(3);
  return {
    name: 'noise',
    images: Uint8Array.from({ length: count * height * width * channels }, () => random.between(0, 256)),
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
    count,
    height,
    width,
    channels: channels as 1 | 3,
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
  };
}
