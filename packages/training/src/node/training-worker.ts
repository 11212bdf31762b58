import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '@clearmaps/random';
import { getBackend, tensor } from '@tensorflow/tfjs-core';
import { makeBatch } from '../batches.ts';
import { type StepResult, Trainer } from '../trainer.ts';
import { cutRoom, writeParts } from './shared-values.ts';
import type { WorkerReply, WorkerStart, WorkerTask } from './worker-messages.ts';

// The entry of a worker thread: see parallel-gradients.ts.
const start = workerData as WorkerStart;
const reply = (message: WorkerReply): void => parentPort!.postMessage(message);

/** Gradients at the shared weights, left in the shared room; their mean loss and hits. */
async function computeShare(trainer: Trainer, task: WorkerTask): Promise<StepResult> {
  const { net } = trainer;
  for (const [key, values] of cutRoom(start.weights, net.trainable)) {
    // A copy, because a backend may keep the array it is given and the main thread writes to this one.
    net.setParameter(key, tensor(values.slice(), net.parameters.get(key)!.shape));
  }
  const { data, augmentation, dropout, first } = task;
  const indices = Array.from({ length: data.count }, (_, i) => i);
  const batch = { ...makeBatch(net.graph, data, indices, augmentation), first };
  const { gradients, result } = trainer.gradients(batch, Random.stream(...dropout));
  await writeParts(cutRoom(start.gradients, net.trainable), gradients);
  for (const gradient of gradients.values()) gradient.dispose();
  return result;
}

async function startTrainer(): Promise<Trainer> {
  const { module, argument } = start.backend;
  const { default: startBackend } = (await import(module)) as { default?: unknown };
  if (typeof startBackend !== 'function') {
    throw new Error(`${module} has no function as its default export to start a TensorFlow.js backend with`);
  }
  await startBackend(argument);
  if (!getBackend()) {
    throw new Error(
      `${module} started no backend of the @tensorflow/tfjs-core that @clearmaps/training uses`,
    );
  }
  const { graph, labelSmoothing, freeze } = start;
  return new Trainer(graph, { optimizer: { type: 'sgd' }, labelSmoothing, freeze });
}

function replyWithError(error: unknown): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  reply({ type: 'failed', name, message, stack });
}

startTrainer().then((trainer) => {
  parentPort!.on('message', (task: WorkerTask) => {
    computeShare(trainer, task).then((result) => reply({ type: 'done', result }), replyWithError);
  });
  reply({ type: 'ready' });
}, replyWithError);
