import { join } from 'node:path';
import { heldOutSplit, stratifiedFolds, undividedSplit } from '@clearmaps/datasets';
import { openStanfordDogs, type StanfordDogs } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { wilsonInterval } from '@clearmaps/evaluation';
import { withInputSize, withNewHead } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import { type AugmentationOptions, type TrainOptions, train } from '@clearmaps/training';
import { writeTrainingRecord } from '@clearmaps/training/node';
import { startChosenBackend } from './backends.ts';
import { fineTuning, headAlone } from './dog-lesson.ts';
import { UsageError } from './errors.ts';
import { runFolds } from './folds-run.ts';
import { loadModel } from './model-source.ts';
import { OutputFolder } from './output-folder.ts';
import { percent } from './percent.ts';
import { RunCheckpoint } from './run-checkpoint.ts';
import { printLine, type Terminal } from './terminal.ts';
import { drawTrainingCurves } from './training-curves.ts';
import { TrainingReporter } from './training-reporter.ts';
import { gradientsOf } from './workers.ts';

export interface DogFlags {
  readonly data?: string;
  readonly weights?: string;
  readonly breeds?: string;
  readonly crop: boolean;
  readonly fineTune: boolean;
  readonly learnFrom?: string;
  readonly size?: number;
  readonly out: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly seed: number;
  readonly heldOut?: number;
  readonly splitSeed: number;
  readonly folds?: number;
  readonly robustness: boolean;
  readonly mirrorAtTest: boolean;
  readonly resume: boolean;
  readonly backend: string;
  readonly workers: number;
  readonly augment?: AugmentationOptions | null;
  /** Of the other tasks alone. */
  readonly freeze?: readonly string[];
  readonly from?: string;
  readonly limit?: number;
  readonly part?: string;
  readonly synthetic?: number;
  readonly test?: string;
}

/** What stands in place of flags that other tasks have. */
const INSTEAD = {
  freeze: '--learn-from LAYER, which freezes all that stands before that layer',
  from: '--weights, the net that is given other classes',
  limit: '--breeds: the lists go breed by breed, so their first pictures are all of one',
  part: '--data with its lists: train_list.mat is trained on, test_list.mat measured on',
  synthetic: '--augment, with --fine-tune',
  test: 'test_list.mat in the lists of --data, or --held-out',
} as const satisfies Partial<Record<keyof DogFlags, string>>;

/** `--held-out` where it is not given. */
export const HELD_OUT = 0.1;

/**
 * `train dogs`: a trained net learns breeds. As in the paper (Kumar, Wong & Taylor 2017, section 4) all but its head is
 * frozen; with `--fine-tune` its inner layers learn too.
 * Measured on the pictures of `test_list.mat`, or on a held-out part where that is missing. `--folds` measures the
 * recipe on all other pictures, and where there is no test list that alone: it makes no net then. With `--held-out`
 * it leaves the held-out part alone, so that settings can be chosen by folds.
 */
export async function trainDogs(flags: DogFlags, terminal: Terminal): Promise<void> {
  const { signal } = terminal;
  checkFlags(flags);
  const dogs = await openDogs(flags, signal);
  const reporter = new TrainingReporter(terminal);
  try {
    if (dogs.test && flags.heldOut !== undefined) {
      throw new UsageError({
        asked: 'train dogs --held-out',
        got: `${dogs.test.length} pictures in test_list.mat`,
        allowed: 'one of them: the test list is what is measured on',
      });
    }
    const base = await baseNet(flags);
    const { graph, firstToLearn } = netFor(base, dogs.classNames, flags);
    const { fineTune, crop } = flags;
    const folder = await OutputFolder.open(flags.out);
    const checkpoint = await RunCheckpoint.open(folder, flags);
    const backend = await startChosenBackend(flags.backend);
    const request = { graph, firstToLearn, dogs, crop, folder: folder.path, terminal };
    const lesson = await (fineTune ? fineTuning(request) : headAlone(request));
    const labels = Int32Array.from(dogs.train, ({ label }) => label);
    const { test } = lesson;
    // A head learns fast enough in this thread, and threads would only share the one GPU.
    const workers = fineTune && backend !== 'webgpu' ? flags.workers : 1;
    const shared = {
      graph: lesson.learner,
      start: flags.weights!,
      data: lesson.data,
      options: optionsOf(lesson.recipe, flags),
      gradients: gradientsOf(workers, backend),
      signal,
      ...reporter.callbacks,
    };
    const { folds, heldOut, splitSeed, resume } = flags;
    const split = test
      ? undividedSplit(labels)
      : heldOutSplit(labels, { share: heldOut ?? HELD_OUT, seed: splitSeed });
    if (folds !== undefined) {
      const within = heldOut === undefined ? undefined : split;
      const pictures = within?.train.length ?? labels.length;
      const unseen = within ? `, ${within.heldOut.length} left out` : '';
      printLine(terminal, `dogs on ${backend}: ${pictures} pictures in ${folds} folds${unseen}`);
      const splits = stratifiedFolds(labels, { folds, seed: splitSeed, within }).map(lesson.split);
      const robustness = flags.robustness ? { seed: splitSeed } : undefined;
      await runFolds({ ...shared, splits, robustness, resume, folder, terminal });
      // What is held out is not looked at while settings are chosen; without it no picture is left to measure a net on.
      if (!test) return;
    }
    const measured = test?.count ?? split.heldOut.length;
    const mirrored = flags.mirrorAtTest ? ', by each and its mirror image' : '';
    const of = `${measured} ${test ? 'of the test list' : 'held out'}`;
    printLine(terminal, `dogs on ${backend}: ${split.train.length} pictures, measured on ${of}`);
    const { graph: fitted, record } = await train({
      ...shared,
      test,
      split: lesson.split(split),
      // Nothing is chosen by what is measured, so that it stays a fair estimate.
      keep: 'last',
      resume: checkpoint.resume,
      onCheckpoint: (state) => checkpoint.write(state),
    });
    await writeTrainingRecord(join(folder.path, 'training.json'), record);
    await folder.write('training-curves.png', await drawTrainingCurves(record.curve, record.best.epoch));
    const path = await writeLayersModel(lesson.whole(fitted), folder.path);
    await checkpoint.remove();
    const { heldOutAccuracy } = record.best;
    const interval = wilsonInterval(Math.round(heldOutAccuracy * measured), measured);
    printLine(
      terminal,
      `${percent(heldOutAccuracy)} of ${of} right${mirrored} (95 %: ${interval.map(percent).join(' to ')})`,
    );
    printLine(terminal, path);
  } finally {
    reporter.stop();
    await dogs.close();
  }
}

function checkFlags(flags: DogFlags): void {
  for (const [flag, allowed] of Object.entries(INSTEAD)) {
    if (flags[flag as keyof typeof INSTEAD] === undefined) continue;
    throw new UsageError({ asked: 'train dogs', got: `--${flag}`, allowed });
  }
  const { weights, fineTune, augment, folds, robustness, mirrorAtTest } = flags;
  if (robustness && (folds === undefined || !fineTune)) {
    throw new UsageError({
      asked: 'train dogs --robustness',
      got: folds === undefined ? 'no --folds' : 'no --fine-tune',
      allowed: '--folds and --fine-tune beside it: feature maps of a head cannot be changed as pictures can',
      remedy: 'To measure a trained model, use evaluate --robustness.',
    });
  }
  // Cached feature maps cannot be changed as pictures can.
  if (!fineTune && (augment !== undefined || mirrorAtTest)) {
    throw new UsageError({
      asked: `train dogs ${mirrorAtTest ? '--mirror-at-test' : '--augment'}`,
      got: 'no --fine-tune',
      remedy: 'Add --fine-tune: a head alone learns from feature maps that are computed once.',
    });
  }
  if (weights !== undefined) return;
  throw new UsageError({
    asked: 'train dogs',
    got: 'no --weights',
    allowed: 'a trained net: its model.json, or VGG16 without its dense layers as Keras gives it out',
    remedy:
      'clearmaps models fetch vgg16 gets https://storage.googleapis.com/tensorflow/keras-applications/vgg16/' +
      'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
  });
}

async function baseNet({ weights, size }: DogFlags): Promise<LayerGraph> {
  const net = await loadModel(weights!);
  return size === undefined ? net : withInputSize(net, { height: size, width: size });
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
  { fineTune, learnFrom, seed }: DogFlags,
): { readonly graph: LayerGraph; readonly firstToLearn: string | undefined } {
  if ((fineTune || learnFrom !== undefined) && String(base.classNames) === String(classNames)) {
    return { graph: base, firstToLearn: learnFrom };
  }
  const { graph, head } = withNewHead(base, { classNames, seed });
  return { graph, firstToLearn: fineTune ? learnFrom : (learnFrom ?? head) };
}

function optionsOf(
  recipe: TrainOptions,
  { epochs, batch, seed, augment, mirrorAtTest }: DogFlags,
): TrainOptions {
  return {
    ...recipe,
    seed,
    ...(mirrorAtTest && { mirrorAtTest }),
    ...(epochs !== undefined && { epochs }),
    ...(batch !== undefined && { batchSize: batch }),
    ...(augment !== undefined && { augmentation: augment }),
  };
}
