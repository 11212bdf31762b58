import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { LabelledImages } from '@clearmaps/datasets';
import type { Rule, Seed } from '@clearmaps/deconvnet';
import type { Clearmaps } from 'clearmaps';
import { UsageError } from '../errors.ts';
import { type ExplainInput, InputReader } from '../explain-inputs.ts';
import { Progress } from '../progress.ts';
import { type Decision, scoreImages } from '../score-images.ts';
import type { Terminal } from '../terminal.ts';
import type { Example } from './figure.ts';

interface Responses {
  readonly rule: Rule;
  readonly seed: Seed;
  readonly signal: AbortSignal;
}

/** Every decision of a net on a set. */
export async function decideAll(cm: Clearmaps, set: LabelledImages, terminal: Terminal): Promise<Decision[]> {
  const progress = new Progress(terminal, `decide ${cm.model.name}`, set.count);
  const decisions: Decision[] = [];
  try {
    for await (const some of scoreImages(cm, set, Array.from(set.labels.keys()), terminal.signal)) {
      decisions.push(...some);
      progress.advance(some.length);
    }
  } finally {
    progress.stop();
  }
  return decisions;
}

/** An image of a set, explained for all classes. */
export async function exampleOf(
  cm: Clearmaps,
  set: LabelledImages,
  decision: Decision,
  responses: Responses,
): Promise<Example> {
  const { index, trueClass, predicted } = decision;
  const input = new InputReader(cm.model).fromSet(set, index, `${set.name}:${index}`);
  return { input, explanation: await cm.explain(input.values, responses), trueClass, predicted };
}

/** A picture whose class its file name tells, explained for some classes. */
export async function photoExample(
  cm: Clearmaps,
  { input, trueClass }: LabelledPhoto,
  classes: readonly number[],
  responses: Responses,
): Promise<Example> {
  const explanation = await cm.explain(input.values, { ...responses, classes });
  const { probabilities } = explanation;
  const predicted = classes.reduce((best, c) => (probabilities[c]! > probabilities[best]! ? c : best));
  return { input, explanation, trueClass, predicted };
}

export interface LabelledPhoto {
  readonly input: ExplainInput;
  readonly trueClass: number;
}

/**
 * The pictures of a folder, or of its folders of classes, whose names tell their classes: `Chihuahua`,
 * `n02085620_Chihuahua`, `n02085620-Chihuahua/n02085620_7.jpg`, in any case.
 *
 * @param classes among which the name must lie
 * @throws UsageError where no name does, or a picture cannot be read
 */
export async function readPhotos(
  cm: Clearmaps,
  folder: string,
  classNames: readonly string[],
  classes: readonly number[],
): Promise<LabelledPhoto[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new UsageError({ asked: `pictures in ${folder}`, got: cause.message, cause });
  });
  const classOf = (text: string): number | undefined => {
    const plain = text
      .replace(/^n\d{8}[-_]/, '')
      .replaceAll('_', ' ')
      .toLowerCase();
    return classes.find((c) => classNames[c]!.toLowerCase().split(', ').includes(plain));
  };
  const reader = new InputReader(cm.model);
  const photos: LabelledPhoto[] = [];
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => ({
      path: join(entry.parentPath, entry.name),
      names: [parse(entry.name).name, parse(entry.parentPath).base],
    }));
  for (const { path, names } of files.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const trueClass = names.map(classOf).find((c) => c !== undefined);
    if (trueClass !== undefined) photos.push({ input: await reader.read(path), trueClass });
  }
  if (photos.length > 0) return photos;
  throw new UsageError({
    asked: `pictures in ${folder}`,
    got: `${files.length} files, none named after a class`,
    allowed: classes
      .slice(0, 12)
      .map((c) => classNames[c])
      .join('; '),
  });
}
