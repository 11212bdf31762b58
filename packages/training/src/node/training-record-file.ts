import { writeWhole } from '@clearmaps/files';
import type { TrainingRecord } from '../training-record.ts';

/** Writes the record as indented JSON, `training.json` by custom, whole or not at all. */
export async function writeTrainingRecord(path: string, record: TrainingRecord): Promise<void> {
  await writeWhole(path, `${JSON.stringify(record, null, 2)}\n`);
}
