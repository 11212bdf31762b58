import type { LabelledImages } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import type { Command } from 'commander';
import { DRAWN, evaluationImages, UNSEEN } from './evaluation-images.ts';
import { wholeNumber } from './whole-number.ts';

export interface DataFlags {
  readonly model: string;
  readonly data?: string;
  readonly part?: string;
  readonly heldOut: boolean;
  readonly limit?: string;
}

/** Options of the commands that measure on a data set: `--data`, `--part`, `--held-out`, `--limit`. */
export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--data <folder|file>',
      `IDX files, SVHN .mat, a folder with a folder of pictures a class; ${UNSEEN}, the bundled digits that the model has not seen; or ${DRAWN}, drawings of house numbers that no bundled net was trained on (default: ${UNSEEN} for gray nets, ${DRAWN} for others)`,
    )
    .option('--part <prefix>', 'which set of a folder with several: train, t10k, test')
    .option('--held-out', 'of the data that the model was trained from, only what it held out', false)
    .option('--limit <n>', 'only the first n images');
}

/** The images that the options ask for. @throws UsageError, DatasetError where they cannot be had */
export async function chosenImages(
  graph: LayerGraph,
  { data = graph.inputShape[2] === 1 ? UNSEEN : DRAWN, limit, ...flags }: DataFlags,
  signal: AbortSignal,
): Promise<LabelledImages> {
  const most = limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', limit, 1);
  const set = await evaluationImages(graph, { ...flags, data }, signal);
  const count = Math.min(most, set.count);
  const size = set.height * set.width * set.channels;
  return {
    ...set,
    images: set.images.subarray(0, count * size),
    labels: set.labels.subarray(0, count),
    count,
  };
}
