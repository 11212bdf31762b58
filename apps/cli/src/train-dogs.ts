import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { heldOutSplit, type Split, undividedSplit } from '@clearmaps/datasets';
import { openStanfordDogs, type StanfordDogs } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { wilsonInterval } from '@clearmaps/evaluation';
import { withNewHead } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import { divideNet, HEAD_RECIPE, type TrainOptions, train, withTrainedHead } from '@clearmaps/training';
import { readCheckpoint, writeCheckpoint, writeTrainingRecord } from '@clearmaps/training/node';
import { startChosenBackend } from './backends.ts';
import { dogFeatures } from './dog-features.ts';
import { UsageError } from './errors.ts';
import { loadModel } from './model-source.ts';
import { OutputFolder } from './output-folder.ts';
import { percent } from './percent.ts';
import { printLine, type Terminal } from './terminal.ts';
import { drawTrainingCurves } from './training-curves.ts';
import { TrainingReporter } from './training-reporter.ts';

export interface DogFlags {
  readonly data?: string;
  readonly weights?: string;
  readonly breeds?: string;
  readonly crop: boolean;
  readonly learnFrom?: string;
  readonly out: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly seed: number;
  readonly heldOut: number;
  readonly splitSeed: number;
  readonly resume: boolean;
  readonly backend: string;
}

const CHECKPOINT = 'checkpoint.bin';

/**
 * `train dogs`: a trained net learns breeds, as in the paper (Kumar, Wong & Taylor 2017, section 4). All but its head
 * is frozen, so what the frozen part makes of each picture, plain and mirrored, is computed once and kept on disk.
 * Measured on the pictures of `test_list.mat`, or on a held-out part where that is missing.
 */
export async function trainDogs(flags: DogFlags, terminal: Terminal): Promise<void> {
  const { signal } = terminal;
  const base = await baseNet(flags);
  const dogs = await openDogs(flags, signal);
  const reporter = new TrainingReporter(terminal);
  try {
    const { graph, firstToLearn } = netFor(base, dogs.classNames, flags);
    const { trunk, head } = divideNet(graph, firstToLearn);
    const folder = await OutputFolder.open(flags.out);
    const checkpoint = join(folder.path, CHECKPOINT);
    const backend = await startChosenBackend(flags.backend);
    const make = (pictures: StanfordDogs['train'], mirrored: boolean) =>
      dogFeatures({ trunk, dogs, pictures, mirrored, crop: flags.crop, folder: folder.path, terminal });
    const data = await make(dogs.train, true);
    const test = dogs.test && (await make(dogs.test, false));
    const count = dogs.train.length;
    const labels = data.labels.subarray(0, count);
    const split = test
      ? undividedSplit(labels)
      : heldOutSplit(labels, { share: flags.heldOut, seed: flags.splitSeed });
    const measured = test?.count ?? split.heldOut.length;
    const of = test ? `${measured} of the test list` : `${measured} held out`;
    printLine(terminal, `dogs on ${backend}: ${split.train.length} pictures, measured on ${of}`);
    const { graph: fitted, record } = await train({
      graph: head,
      start: flags.weights!,
      data,
      test,
      split: withMirrored(split, count),
      // Nothing is chosen by what is measured, so that it stays a fair estimate.
      keep: 'last',
      options: optionsOf(flags),
      signal,
      ...reporter.callbacks,
      ...(flags.resume && { resume: await readCheckpoint(checkpoint) }),
      onCheckpoint: (state) => writeCheckpoint(checkpoint, state),
    });
    await writeTrainingRecord(join(folder.path, 'training.json'), record);
    await folder.write('training-curves.png', await drawTrainingCurves(record.curve, record.best.epoch));
    const path = await writeLayersModel(withTrainedHead(graph, fitted), folder.path);
    await rm(checkpoint, { force: true });
    const { heldOutAccuracy } = record.best;
    const interval = wilsonInterval(Math.round(heldOutAccuracy * measured), measured);
    printLine(
      terminal,
      `${percent(heldOutAccuracy)} of ${of} right (95 %: ${interval.map(percent).join(' to ')})`,
    );
    printLine(terminal, path);
  } finally {
    reporter.stop();
    await dogs.close();
  }
}

async function baseNet({ weights }: DogFlags): Promise<LayerGraph> {
  if (weights !== undefined) return loadModel(weights);
  throw new UsageError({
    asked: 'train dogs',
    got: 'no --weights',
    allowed: 'a trained net: its model.json, or VGG16 without its dense layers as Keras gives it out',
    remedy:
      'clearmaps models fetch vgg16 gets https://storage.googleapis.com/tensorflow/keras-applications/vgg16/' +
      'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
  });
}

async function openDogs({ data, breeds }: DogFlags, signal: AbortSignal): Promise<StanfordDogs> {
  if (data === undefined) {
    throw new UsageError({
      asked: 'train dogs',
      got: 'no --data',
      allowed: 'the folder of Stanford Dogs: Images, Annotation and lists, or their tar files',
      remedy: 'clearmaps data fetch dogs gets them.',
    });
  }
  const asked = breeds === 'all' ? 'all' : breeds?.split(',');
  return openStanfordDogs(data, { ...(asked && { breeds: asked }), signal });
}

/** A net that knows these classes already keeps its head; all others get a new one. */
function netFor(
  base: LayerGraph,
  classNames: readonly string[],
  { learnFrom, seed }: DogFlags,
): { readonly graph: LayerGraph; readonly firstToLearn: string } {
  if (learnFrom !== undefined && String(base.classNames) === String(classNames)) {
    return { graph: base, firstToLearn: learnFrom };
  }
  const { graph, head } = withNewHead(base, { classNames, seed });
  return { graph, firstToLearn: learnFrom ?? head };
}

function optionsOf({ epochs, batch, seed }: DogFlags): TrainOptions {
  return {
    ...HEAD_RECIPE,
    seed,
    ...(epochs !== undefined && { epochs }),
    ...(batch !== undefined && { batchSize: batch }),
  };
}

/** Trains on the mirrored maps too, which stand behind the others in the same order; the held-out part stays plain. */
function withMirrored(split: Split, count: number): Split {
  const behind = split.train.map((index) => index + count);
  return { ...split, train: Uint32Array.from([...split.train, ...behind]) };
}
