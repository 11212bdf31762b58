export { readCheckpoint, writeCheckpoint } from './node/checkpoint-file.ts';
export { type CachedFeatures, cachedFeatures, featureKey } from './node/feature-cache.ts';
export { defaultWorkers, type ParallelOptions, parallelGradients } from './node/parallel-gradients.ts';
export { writeTrainingRecord } from './node/training-record-file.ts';
export type { WorkerBackend } from './node/worker-messages.ts';
