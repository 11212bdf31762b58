export { readCheckpoint, writeCheckpoint } from './node/checkpoint-file.ts';
export { writeTrainingRecord } from './node/training-record-file.ts';
