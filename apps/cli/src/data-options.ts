import type { Command } from 'commander';
import { DRAWN, UNSEEN } from './evaluation-images.ts';

/** Options of the commands that measure on a data set: `--data`, `--part`, `--held-out`, `--limit`. */
export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--data <folder|file>',
      `IDX files (*-images-idx3-ubyte(.gz) and labels), SVHN .mat, a folder with either, or a folder with a folder of pictures a class; ${UNSEEN}, the bundled digits that the model has not seen; or ${DRAWN}, drawings of house numbers that no bundled net has seen (default: ${UNSEEN} for gray nets, ${DRAWN} for others)`,
    )
    .option('--part <prefix>', 'which set of a folder with several: train, t10k, test')
    .option(
      '--held-out',
      'of the data that the model was trained from, only what its training.json holds out',
      false,
    )
    .option('--limit <n>', 'only the first n images, of class folders the first of each class in turn');
}
