import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { selectImages } from '@clearmaps/datasets';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { TrainingError } from '../errors.ts';
import type { GradientSource, GradientSourceFactory, StepGradients, StepTask } from '../gradient-source.ts';
import type { StepResult, Trainer } from '../trainer.ts';
import { areFeatureMaps } from '../training-set.ts';
import { cutRoom, shareRoom, writeParts } from './shared-values.ts';
import type { WorkerBackend, WorkerStart, WorkerTask } from './worker-messages.ts';
import { WorkerThread } from './worker-thread.ts';

export interface ParallelOptions {
  /** Threads, from 1; default {@link defaultWorkers}. */
  readonly workers?: number;
  readonly backend: WorkerBackend;
}

/** One worker a processor, at most 4: beyond that the main thread's part of a step outweighs the gain. */
export function defaultWorkers(): number {
  return Math.max(1, Math.min(4, availableParallelism()));
}

/**
 * Shares the gradients of each step among worker threads, each with a backend of its own, for `train`'s `gradients`.
 * Each augments its share of the batch and computes the gradient of its mean loss; the main thread averages them,
 * weighted by the shares and always in the same order, and takes the step. So a run gives the same weights each
 * time, equal to those of a run in one thread up to the order in which float32 numbers are added.
 *
 * @throws TrainingError for workers out of range; the source it makes, when a worker cannot start, fails or dies.
 */
export function parallelGradients({
  workers = defaultWorkers(),
  backend,
}: ParallelOptions): GradientSourceFactory {
  if (!(Number.isSafeInteger(workers) && workers >= 1)) {
    throw new TrainingError({ asked: 'training: workers', got: String(workers), allowed: 'integers from 1' });
  }
  return async (trainer, signal) => {
    const source = new TrainingWorkers(trainer, await trainer.toGraph(), workers, backend);
    try {
      await source.ready(signal);
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  };
}

class TrainingWorkers implements GradientSource {
  private readonly weights: ReadonlyMap<string, Float32Array>;
  private readonly crew: readonly {
    readonly thread: WorkerThread;
    readonly gradients: ReadonlyMap<string, Float32Array>;
  }[];

  constructor(
    private readonly trainer: Trainer,
    graph: WorkerStart['graph'],
    count: number,
    { module, argument }: WorkerBackend,
  ) {
    const { labelSmoothing, freeze, net } = trainer;
    const weights = shareRoom(net.trainable);
    this.weights = cutRoom(weights, net.trainable);
    // Beside this file, both in src, as .ts, and in dist.
    const file = new URL(`./training-worker${extname(import.meta.url)}`, import.meta.url);
    this.crew = Array.from({ length: count }, (_, i) => {
      const gradients = shareRoom(net.trainable);
      const thread = new WorkerThread(`training worker ${i + 1} of ${count}`, file, {
        graph,
        labelSmoothing,
        freeze,
        backend: { module: String(module), argument },
        weights,
        gradients,
      });
      return { thread, gradients: cutRoom(gradients, net.trainable) };
    });
  }

  get workers(): number {
    return this.crew.length;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.crew.map(({ thread }) => thread.ask(undefined, signal)));
  }

  async gradients(task: StepTask): Promise<StepGradients> {
    await writeParts(this.weights, this.trainer.net.parameters);
    const shares = cutBatch(task, this.crew.length);
    const replies = await Promise.all(shares.map((share, i) => this.crew[i]!.thread.ask(share, task.signal)));
    const results = replies.map((reply) => (reply as { result: StepResult }).result);
    const images = task.indices.length;
    const parts = results.map((result) => result.images / images);
    return {
      gradients: this.average(parts),
      result: {
        loss: results.reduce((sum, { loss }, i) => sum + parts[i]! * loss, 0),
        correct: results.reduce((sum, { correct }) => sum + correct, 0),
        images,
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.crew.map(({ thread }) => thread.end()));
  }

  /** Worker by worker, each sum in double precision. */
  private average(parts: readonly number[]): Map<string, Tensor> {
    const gradients = new Map<string, Tensor>();
    for (const [key, { shape, size }] of this.trainer.net.trainable) {
      const values = new Float32Array(size);
      const shares = parts.map((_, worker) => this.crew[worker]!.gradients.get(key)!);
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let worker = 0; worker < parts.length; worker++) sum += parts[worker]! * shares[worker]![i]!;
        values[i] = sum;
      }
      gradients.set(key, tensor(values, shape));
    }
    return gradients;
  }
}

/** The batch in as many runs of neighbours as there are workers, alike to one image; fewer where it has fewer images. */
function cutBatch({ data, indices, augmentation, dropout }: StepTask, workers: number): WorkerTask[] {
  if (areFeatureMaps(data)) {
    throw new TrainingError({
      asked: `training on ${data.name} in ${workers} threads`,
      got: 'feature maps',
      allowed: 'images; a head learns fast enough in one thread',
    });
  }
  const count = Math.min(workers, indices.length);
  return Array.from({ length: count }, (_, i) => {
    const first = Math.floor((i * indices.length) / count);
    const end = Math.floor(((i + 1) * indices.length) / count);
    const chosen = Array.prototype.slice.call(indices, first, end) as number[];
    return {
      data: selectImages(data, chosen),
      augmentation: augmentation && { ...augmentation, streams: chosen },
      dropout,
      first,
    };
  });
}
