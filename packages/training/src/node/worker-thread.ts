import { Worker } from 'node:worker_threads';
import { TrainingError } from '../errors.ts';
import type { WorkerReply, WorkerStart, WorkerTask } from './worker-messages.ts';

/** A worker thread that answers one question at a time, and whose every way to fail rejects the question at hand. */
export class WorkerThread {
  private readonly worker: Worker;
  private failure: TrainingError | undefined;
  private settle: ((reply: WorkerReply | TrainingError) => void) | undefined;

  /** @param name for messages: `training worker 1 of 2` */
  constructor(
    private readonly name: string,
    file: URL,
    workerData: WorkerStart,
  ) {
    this.worker = new Worker(file, { workerData, name });
    this.worker.on('message', (reply: WorkerReply) => this.settle?.(reply));
    this.worker.on('error', (cause) => this.fail(cause.message, cause));
    this.worker.on('messageerror', (cause) => this.fail(cause.message, cause));
    this.worker.on('exit', (code) => this.fail(`an end with exit code ${code}`));
  }

  /**
   * Sends a task, or nothing the first time, and waits for the answer.
   *
   * @throws TrainingError when the worker fails or dies; the signal's reason when aborted, the worker still at work.
   */
  ask(task?: WorkerTask, signal?: AbortSignal): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.failure) throw this.failure;
      const onAbort = (): void => {
        this.settle = undefined;
        reject(signal!.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.settle = (reply) => {
        this.settle = undefined;
        signal?.removeEventListener('abort', onAbort);
        if (reply instanceof TrainingError) return reject(reply);
        if (reply.type === 'failed') return reject(this.errorOf(`${reply.name}: ${reply.message}`, reply));
        resolve(reply);
      };
      if (task) this.worker.postMessage(task);
    });
  }

  /** Ends the thread, whatever it is doing. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(got: string, cause?: unknown): void {
    this.failure ??= this.errorOf(got, cause);
    this.settle?.(this.failure);
  }

  private errorOf(got: string, cause?: unknown): TrainingError {
    return new TrainingError({
      asked: this.name,
      got: got.replace(/\.$/, ''),
      remedy: 'Train with one worker to compute in the main thread.',
      cause,
    });
  }
}
