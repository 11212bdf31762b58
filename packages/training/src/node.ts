export { readCheckpoint, writeCheckpoint } from './node/checkpoint-file.ts';
export { defaultWorkers, type ParallelOptions, parallelGradients } from './node/parallel-gradients.ts';
export { writeTrainingRecord } from './node/training-record-file.ts';
export type { WorkerBackend } from './node/worker-messages.ts';
