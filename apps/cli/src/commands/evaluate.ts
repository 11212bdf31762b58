import type { LabelledImages } from '@clearmaps/datasets';
import { imageChangesFor, measureRobustness, type RobustnessResult } from '@clearmaps/training';
import { classNamesOf } from 'clearmaps';
import { type Command, Option } from 'commander';
import { BACKEND_NAMES, openChosen } from '../backends.ts';
import { type EvaluationFlags, evaluationImages, UNSEEN } from '../evaluation-images.ts';
import { loadModel } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { printRobustness } from '../robustness-table.ts';
import { scoreImages } from '../score-images.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { wholeNumber } from '../whole-number.ts';

interface EvaluateFlags extends EvaluationFlags {
  readonly robustness: boolean;
  readonly seed: string;
  readonly backend: string;
  readonly json: boolean;
}

export function evaluateCommand(program: Command, terminal: Terminal): void {
  program
    .command('evaluate')
    .description('measure the accuracy of a model')
    .option('-m, --model <name|path>', 'bundled model, or path to a model.json', 'mnist')
    .requiredOption(
      '--data <folder|file>',
      `IDX files (*-images-idx3-ubyte(.gz) and labels), SVHN .mat, a folder with either, or a folder with a folder of pictures a class; or ${UNSEEN}, the bundled digits that the model has not seen`,
    )
    .option('--part <prefix>', 'which set of a folder with several: train, t10k, test')
    .option(
      '--held-out',
      'of the data that the model was trained from, only what its training.json holds out',
      false,
    )
    .option(
      '--robustness',
      'measure also on pictures that are shifted, turned, resized, in other light, noisy',
      false,
    )
    .option('--seed <n>', 'of the noise of --robustness', '1')
    .addOption(new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto'))
    .option(
      '--json',
      'print { accuracy, count, confusion, robustness } as JSON; confusion[true][predicted]',
      false,
    )
    .addHelpText(
      'after',
      `
Examples:
  clearmaps evaluate --model mnist --data path/to/mnist --part t10k --json
  clearmaps evaluate --model mnist --data ${UNSEEN} --robustness
  clearmaps evaluate --model my-mnist --data path/to/mnist --part train --held-out`,
    )
    .action((flags: EvaluateFlags) => evaluate(flags, terminal));
}

async function evaluate(flags: EvaluateFlags, terminal: Terminal): Promise<void> {
  const seed = wholeNumber('--seed', flags.seed);
  const model = await loadModel(flags.model);
  const { signal } = terminal;
  const set = await evaluationImages(model, flags, signal);
  const cm = await openChosen(model, flags.backend);
  const names = classNamesOf(model, cm.classCount);
  const confusion = names.map(() => names.map(() => 0));
  const decide = (images: LabelledImages) => scoreImages(cm, images, allOf(images), signal);
  const countRight = async (images: LabelledImages): Promise<number> => {
    let right = 0;
    for await (const decisions of decide(images)) {
      right += decisions.filter(({ trueClass, predicted }) => trueClass === predicted).length;
    }
    return right;
  };
  let robustness: readonly RobustnessResult[] | undefined;
  let progress = new Progress(terminal, 'evaluate', set.count);
  try {
    for await (const decisions of decide(set)) {
      for (const { trueClass, predicted } of decisions) confusion[trueClass]![predicted]!++;
      progress.advance(decisions.length);
    }
    if (flags.robustness) {
      progress.stop();
      const changes = imageChangesFor(set);
      progress = new Progress(terminal, 'changed pictures', changes.length * set.count);
      let before = 0;
      robustness = await measureRobustness(set, countRight, {
        changes,
        seed,
        signal,
        onProgress: (done) => {
          progress.advance(done - before);
          before = done;
        },
      });
    }
  } finally {
    progress.stop();
    await cm.dispose();
  }
  const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  const accuracy = right / set.count;
  if (flags.json) return printJson(terminal, { accuracy, count: set.count, confusion, robustness });
  printLine(terminal, `${model.name} on ${set.name}: ${(100 * accuracy).toFixed(2)} % of ${set.count} right`);
  for (const [i, row] of confusion.entries()) {
    const total = row.reduce((a, b) => a + b, 0);
    if (total === 0) continue;
    const errors = row
      .map((count, predicted) => ({ count, predicted }))
      .filter(({ count, predicted }) => predicted !== i && count > 0)
      .sort((a, b) => b.count - a.count)
      .slice(0, 3)
      .map(({ count, predicted }) => `${names[predicted]} (${count})`);
    const taken = errors.length > 0 ? `, most often taken for ${errors.join(', ')}` : '';
    printLine(terminal, `  ${names[i]}: ${((100 * row[i]!) / total).toFixed(2)} % of ${total}${taken}`);
  }
  if (robustness) printRobustness(terminal, robustness);
}

function allOf({ count }: LabelledImages): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
