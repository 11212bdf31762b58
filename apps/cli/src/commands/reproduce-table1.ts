import {
  type LayerGraph,
  REDUCTIONS,
  type Reduction,
  type Rule,
  type Seed,
} from '@clearmaps/deconvnet/graph';
import {
  CONTROLS,
  type Control,
  DEFAULT_THRESHOLD,
  measureTable1,
  PAPER_TABLE1,
  RECOMMENDED_SETTING,
  type Removal,
  randomisedGraph,
  STRONG_FEATURE_REDUCTION,
  usualRemoval,
} from '@clearmaps/evaluation';
import { mulberry32 } from '@clearmaps/random';
import type { Clearmaps } from 'clearmaps';
import { type Command, Option } from 'commander';
import { backendOption, forwardOption, ON_NATIVE } from '../backend-options.ts';
import type { BackendChoice } from '../backends.ts';
import { addDataOptions } from '../data-options.ts';
import { type EvaluationFlags, evaluationImages } from '../evaluation-images.ts';
import { addMethodOptions, checkMethodFlags, type MethodFlags, openExplained } from '../method-choice.ts';
import { loadModel } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { addRuleOptions } from '../rule-options.ts';
import { printTable1, table1Report } from '../table1-report.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { parseThreshold, SWEEP } from '../threshold-option.ts';
import { wholeNumber } from '../whole-number.ts';

interface Table1Flags extends EvaluationFlags, BackendChoice, Pick<MethodFlags, 'method' | 'set'> {
  readonly rule: Rule;
  readonly seed: Seed;
  readonly reduction?: Reduction;
  readonly contrast: boolean;
  readonly threshold: string;
  readonly removed?: Removal;
  readonly randomSeed: string;
  readonly controls: boolean;
  readonly randomNets: string;
  readonly shuffledLabels?: string;
  readonly json: boolean;
}

const recommended = Object.entries(RECOMMENDED_SETTING)
  .map(([option, value]) => (value === true ? `--${option}` : `--${option} ${value}`))
  .join(' ');

export function reproduceTable1Command(reproduce: Command, terminal: Terminal): void {
  const table1Of = addRuleOptions(
    reproduce
      .command('table1')
      .description('accuracy on the strong features of the true class alone, and without them'),
  );
  addMethodOptions(addDataOptions(table1Of))
    .option(
      '--threshold <t|sweep>',
      'share of the maximum above which a response is a strong feature, or all of a list',
      String(DEFAULT_THRESHOLD),
    )
    .addOption(
      new Option(
        '--reduction <how>',
        `how the colours of a response become one number a pixel; default ${STRONG_FEATURE_REDUCTION}, or what the method has`,
      ).choices([...REDUCTIONS]),
    )
    .addOption(
      new Option('--recommended', `what docs/table1.md recommends: ${recommended}`)
        .implies({ ...RECOMMENDED_SETTING, threshold: String(RECOMMENDED_SETTING.threshold) })
        .conflicts('method'),
    )
    .option(
      '--contrast',
      'count of each response what it exceeds those of the other classes by, in the mean',
      false,
    )
    .addOption(
      new Option(
        '--removed <what>',
        'what removed pixels become (default: background for gray nets, else grey)',
      ).choices(['background', 'grey']),
    )
    .option('--random-seed <n>', 'of random masks, other classes and random weights', '1')
    .option('--no-controls', 'measure neither random nor other masks, in a quarter of the time')
    .option('--random-nets <n>', 'nets with random weights that the control is averaged over', '3')
    .option('--shuffled-labels <path>', 'another control: a model that `train --shuffle-labels` made')
    .addOption(backendOption())
    .addOption(forwardOption(ON_NATIVE))
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
  clearmaps reproduce table1 --model mnist --recommended
  clearmaps reproduce table1 --model mnist --method occlusion --limit 100
  clearmaps reproduce table1 --model svhn --data path/to/test_32x32.mat --threshold sweep --json`,
    )
    .action((flags: Table1Flags, command: Command) => {
      checkMethodFlags(flags, command, ['--rule', '--seed']);
      return table1(flags, terminal);
    });
}

async function table1(flags: Table1Flags, terminal: Terminal): Promise<void> {
  const asked = parseThreshold(flags.threshold);
  const randomSeed = wholeNumber('--random-seed', flags.randomSeed);
  const asksFor = (control: Control): boolean =>
    control === 'shuffledLabels' ? flags.shuffledLabels !== undefined : flags.controls;
  const controls = CONTROLS.filter(asksFor);
  const randomCount = wholeNumber('--random-nets', flags.randomNets, 1);
  const { rule, seed, contrast, method, set: options } = flags;
  const { reduction = method === undefined ? STRONG_FEATURE_REDUCTION : undefined } = flags;
  const { signal } = terminal;
  const model = await loadModel(flags.model);
  const set = await evaluationImages(model, flags, signal);
  const removal = flags.removed ?? usualRemoval(model.inputShape[2]);
  const thresholds = asked === 'sweep' ? SWEEP : [asked];
  const opened: Clearmaps[] = [];
  const open = async (graph: LayerGraph): Promise<Clearmaps> => {
    const cm = await openExplained(graph, flags, terminal);
    opened.push(cm);
    return cm;
  };
  const progress = new Progress(terminal, 'table 1', set.count);
  try {
    const cm = await open(model);
    const randomNets: Clearmaps[] = [];
    for (let i = 0; flags.controls && i < randomCount; i++) {
      randomNets.push(await open(randomisedGraph(model, mulberry32(randomSeed + i))));
    }
    const shuffledNet =
      flags.shuffledLabels === undefined ? undefined : await open(await loadModel(flags.shuffledLabels));
    const table = await measureTable1(cm, model, set, {
      ...(method === undefined && { rule, seed }),
      reduction,
      contrast,
      cuts: thresholds.map((threshold) => ({ threshold })),
      removal,
      controls,
      randomNets,
      shuffledNet,
      randomSeed,
      signal,
      onProgress: (done) => progress.reach(done),
    });
    progress.stop();
    const threshold = asked === 'sweep' ? DEFAULT_THRESHOLD : asked;
    const report = table1Report(table, threshold, PAPER_TABLE1[model.name]);
    const measured = {
      ...{ model: model.name, data: set.name, count: set.count },
      ...(method === undefined ? { rule, seed } : { method, options }),
      ...{ reduction, contrast, removal, forward: flags.forward },
    };
    if (flags.json) return printJson(terminal, { ...measured, ...report });
    const how =
      method === undefined
        ? `rule ${rule}, seed ${seed}, reduction ${reduction}`
        : ['method', method, ...options].join(' ');
    printLine(
      terminal,
      `${model.name} on ${set.count} images of ${set.name}, ${how}${contrast ? ', against the other classes' : ''}, removed pixels: ${removal}${flags.forward === 'float64' ? ', forward passes in float64' : ''}`,
    );
    printTable1(terminal, report);
  } finally {
    progress.stop();
    for (const cm of opened) await cm.dispose();
  }
}
