import { mulberry32 } from '@clearmaps/datasets';
import { REDUCTIONS, type Reduction, type Rule, type Seed } from '@clearmaps/deconvnet';
import {
  CONTROLS,
  DEFAULT_THRESHOLD,
  measureTable1,
  PAPER_TABLE1,
  type Removal,
  randomisedGraph,
  STRONG_FEATURE_REDUCTION,
  usualRemoval,
} from '@clearmaps/evaluation';
import { type Command, Option } from 'commander';
import { BACKEND_NAMES, openChosen } from '../backends.ts';
import { addDataOptions } from '../data-options.ts';
import { type EvaluationFlags, evaluationImages } from '../evaluation-images.ts';
import { loadModel } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { addRuleOptions } from '../rule-options.ts';
import { printTable1, table1Report } from '../table1-report.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { parseThreshold, SWEEP } from '../threshold-option.ts';
import { wholeNumber } from '../whole-number.ts';

interface Table1Flags extends EvaluationFlags {
  readonly rule: Rule;
  readonly seed: Seed;
  readonly reduction: Reduction;
  readonly threshold: string;
  readonly removed?: Removal;
  readonly randomSeed: string;
  readonly backend: string;
  readonly json: boolean;
}

export function reproduceTable1Command(reproduce: Command, terminal: Terminal): void {
  addDataOptions(
    addRuleOptions(
      reproduce
        .command('table1')
        .description('accuracy on the strong features of the true class alone, and without them'),
    ),
  )
    .option(
      '--threshold <t|sweep>',
      'share of the maximum above which a response is a strong feature, or all of a list',
      String(DEFAULT_THRESHOLD),
    )
    .addOption(
      new Option('--reduction <how>', 'how the colours of a response become one number a pixel')
        .choices([...REDUCTIONS])
        .default(STRONG_FEATURE_REDUCTION),
    )
    .addOption(
      new Option(
        '--removed <what>',
        'what removed pixels become (default: background for gray nets, else grey)',
      ).choices(['background', 'grey']),
    )
    .option('--random-seed <n>', 'of random masks, other classes and random weights', '1')
    .addOption(new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto'))
    .option(
      '--json',
      'print { full, only, without, threshold, keptArea, intervals, paper, controls, closest, sweep }, shares from 0 to 1',
      false,
    )
    .addHelpText(
      'after',
      `
Examples:
  clearmaps reproduce table1 --model mnist
  clearmaps reproduce table1 --model svhn --data path/to/test_32x32.mat --threshold sweep --json`,
    )
    .action((flags: Table1Flags) => table1(flags, terminal));
}

async function table1(flags: Table1Flags, terminal: Terminal): Promise<void> {
  const asked = parseThreshold(flags.threshold);
  const randomSeed = wholeNumber('--random-seed', flags.randomSeed);
  const { rule, seed, reduction } = flags;
  const { signal } = terminal;
  const model = await loadModel(flags.model);
  const set = await evaluationImages(model, flags, signal);
  const removal = flags.removed ?? usualRemoval(model.inputShape[2]);
  const thresholds = asked === 'sweep' ? SWEEP : [asked];
  const cm = await openChosen(model, flags.backend);
  const randomNet = await openChosen(randomisedGraph(model, mulberry32(randomSeed)), flags.backend);
  const progress = new Progress(terminal, 'table 1', set.count);
  try {
    const table = await measureTable1(cm, model, set, {
      rule,
      seed,
      reduction,
      cuts: thresholds.map((threshold) => ({ threshold })),
      removal,
      controls: CONTROLS,
      randomNet,
      randomSeed,
      signal,
      onProgress: (done) => progress.reach(done),
    });
    const threshold = asked === 'sweep' ? DEFAULT_THRESHOLD : asked;
    const report = table1Report(table, threshold, PAPER_TABLE1[model.name]);
    const measured = { model: model.name, data: set.name, count: set.count, rule, seed, reduction, removal };
    if (flags.json) return printJson(terminal, { ...measured, ...report });
    printLine(
      terminal,
      `${model.name} on ${set.count} images of ${set.name}, rule ${rule}, seed ${seed}, reduction ${reduction}, removed pixels: ${removal}`,
    );
    printTable1(terminal, report);
  } finally {
    progress.stop();
    await cm.dispose();
    await randomNet.dispose();
  }
}
