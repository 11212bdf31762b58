import { readLabelledImages } from '@clearmaps/datasets/node';
import { type Command, Option } from 'commander';
import { BACKEND_NAMES, openChosen } from '../backends.ts';
import { classNamesOf } from '../class-choice.ts';
import { loadModel } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { scoreImages } from '../score-images.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';

interface EvaluateFlags {
  readonly model: string;
  readonly data: string;
  readonly part?: string;
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
      'IDX files (*-images-idx3-ubyte(.gz) and labels), SVHN .mat, or a folder with either',
    )
    .option('--part <prefix>', 'which set of a folder with several: train, t10k, test')
    .addOption(new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto'))
    .option('--json', 'print { accuracy, count, confusion } as JSON; confusion[true][predicted]', false)
    .addHelpText(
      'after',
      '\nExample:\n  clearmaps evaluate --model mnist --data path/to/mnist --part t10k --json',
    )
    .action((flags: EvaluateFlags) => evaluate(flags, terminal));
}

async function evaluate(flags: EvaluateFlags, terminal: Terminal): Promise<void> {
  const model = await loadModel(flags.model);
  const set = await readLabelledImages(flags.data, {
    ...(flags.part !== undefined && { prefix: flags.part }),
    signal: terminal.signal,
  });
  const cm = await openChosen(model, flags.backend);
  const names = classNamesOf(model, cm.classCount);
  const confusion = names.map(() => names.map(() => 0));
  const progress = new Progress(terminal, 'evaluate', set.count);
  try {
    const indices = Array.from({ length: set.count }, (_, i) => i);
    for await (const decisions of scoreImages(cm, set, indices, terminal.signal)) {
      for (const { trueClass, predicted } of decisions) confusion[trueClass]![predicted]!++;
      progress.advance(decisions.length);
    }
  } finally {
    progress.stop();
    await cm.dispose();
  }
  const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  const accuracy = right / set.count;
  if (flags.json) return printJson(terminal, { accuracy, count: set.count, confusion });
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
}
