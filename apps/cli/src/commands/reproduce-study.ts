import {
  definitionOf,
  REDUCTIONS,
  type Reduction,
  RULES,
  type Rule,
  SEEDS,
  type Seed,
} from '@clearmaps/deconvnet/graph';
import {
  CONTROLS,
  type Cut,
  measureTable1,
  PAPER_TABLE1,
  randomisedGraph,
  type Setting,
  type StudiedNet,
  type Table1,
} from '@clearmaps/evaluation';
import { mulberry32 } from '@clearmaps/random';
import type { Clearmaps } from 'clearmaps';
import { type Command, Option } from 'commander';
import { backendOption, forwardOption, ON_NATIVE } from '../backend-options.ts';
import { type BackendChoice, openChosen } from '../backends.ts';
import { chosenNames } from '../chosen-names.ts';
import { DRAWN, evaluationImages, UNSEEN } from '../evaluation-images.ts';
import { loadModel } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { SavedResults } from '../saved-results.ts';
import { STUDY_AREAS, studyReport } from '../study-report.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { wholeNumber } from '../whole-number.ts';

interface StudyFlags extends BackendChoice {
  readonly mnist: string;
  readonly svhn: string;
  readonly part?: string;
  readonly heldOut: boolean;
  readonly rules: string;
  readonly seeds: string;
  readonly reductions: string;
  readonly randomNets: string;
  readonly limit?: string;
  readonly checkpoint?: string;
  readonly json: boolean;
}

/** Cuts of every setting: below the first a mask covers most of an image, above the last next to nothing. */
const CUTS: readonly Cut[] = [
  ...[0.05, 0.1, 0.2].map((threshold) => ({ threshold })),
  ...STUDY_AREAS.map((area) => ({ area })),
];

/** Nobody has a net at hand that learned shuffled labels. */
const STUDIED_CONTROLS = CONTROLS.filter((control) => control !== 'shuffledLabels');

export function reproduceStudyCommand(reproduce: Command, terminal: Terminal): void {
  reproduce
    .command('study')
    .description(
      'Table 1 and its controls over rules, seeds, reductions and thresholds on the bundled nets: what the defaults rest on',
    )
    .option('--mnist <data>', 'digits for the MNIST net, as --data of reproduce table1', UNSEEN)
    .option('--svhn <data>', 'house numbers for the SVHN net', DRAWN)
    .option('--part <prefix>', 'of --mnist: which set of a folder with several')
    .option('--held-out', 'of --mnist: only what the net was not trained on', false)
    .option('--limit <n>', 'only the first n images of each')
    .addOption(
      new Option('--rules <list>', 'which, with commas between').default(Object.keys(RULES).join(','), 'all'),
    )
    .option('--seeds <list>', 'which, with commas between', SEEDS.join(','))
    .option('--reductions <list>', 'which, with commas between', REDUCTIONS.join(','))
    .option('--random-nets <n>', 'nets with random weights that the control is averaged over', '1')
    .option('--checkpoint <file>', 'keep results there after each setting, and go on from it')
    .addOption(backendOption())
    .addOption(forwardOption(ON_NATIVE))
    .option(
      '--json',
      'print { nets, closest, bestAtArea, mostTelling } as JSON instead of Markdown tables',
      false,
    )
    .addHelpText(
      'after',
      '\nExample:\n  clearmaps reproduce study --svhn path/to/test_32x32.mat --checkpoint study.json',
    )
    .action((flags: StudyFlags) => study(flags, terminal));
}

/** Each with contrast and without. @throws ExplainError for a rule, UsageError for a seed or a reduction that is none */
function settingsOf(flags: StudyFlags): Setting[] {
  const rules = flags.rules.split(',').map((name) => name.trim() as Rule);
  for (const rule of rules) definitionOf(rule);
  const seeds = chosenNames('--seeds', flags.seeds, SEEDS) as Seed[];
  const reductions = chosenNames('--reductions', flags.reductions, REDUCTIONS) as Reduction[];
  return rules.flatMap((rule) =>
    seeds.flatMap((seed) =>
      reductions.flatMap((reduction) =>
        [false, true].map((contrast) => ({ rule, seed, reduction, contrast })),
      ),
    ),
  );
}

async function study(flags: StudyFlags, terminal: Terminal): Promise<void> {
  const { mnist, svhn, part, heldOut, limit, checkpoint, forward } = flags;
  const settings = settingsOf(flags);
  const randomCount = wholeNumber('--random-nets', flags.randomNets, 1);
  const { signal } = terminal;
  const work = {
    ...{ mnist, svhn, part, heldOut, limit, randomCount, cuts: CUTS },
    // A checkpoint of before there was a choice goes on.
    ...(forward !== 'float32' && { forward }),
  };
  const saved = await SavedResults.open<Table1>(checkpoint, work);
  const nets: StudiedNet[] = [];
  const names: string[] = [];
  const sets = { mnist: { data: mnist, part, heldOut }, svhn: { data: svhn, heldOut: false } };
  for (const [name, where] of Object.entries(sets)) {
    const model = await loadModel(name);
    const set = await evaluationImages(model, { model: name, ...where, limit }, signal);
    names.push(`${name} on ${set.count} images of ${set.name}`);
    const progress = new Progress(terminal, name, settings.length);
    const studied: StudiedNet['settings'][number][] = [];
    const opened: Clearmaps[] = [];
    try {
      for (let i = 0; i <= randomCount; i++) {
        opened.push(await openChosen(i === 0 ? model : randomisedGraph(model, mulberry32(i)), flags));
      }
      const [cm, ...randomNets] = opened;
      for (const setting of settings) {
        const { rule, seed, reduction, contrast } = setting;
        // Of one channel the maximum is the sum.
        const key = model.inputShape[2] === 1 && reduction === 'max' ? 'sum' : reduction;
        const measure = (): Promise<Table1> =>
          measureTable1(cm!, model, set, {
            ...setting,
            cuts: CUTS,
            controls: STUDIED_CONTROLS,
            randomNets,
            signal,
          });
        const result = `${name} ${rule} ${seed} ${key}${contrast ? ' contrast' : ''}`;
        studied.push({ ...setting, table: await saved.get(result, measure) });
        progress.advance();
      }
    } finally {
      progress.stop();
      for (const cm of opened) await cm.dispose();
    }
    nets.push({ name, paper: PAPER_TABLE1[name]!, settings: studied });
  }
  const { markdown, ...verdicts } = studyReport(nets);
  if (flags.json) return printJson(terminal, { nets, ...verdicts });
  printLine(terminal, `${names.join('; ')}.\n`);
  printLine(terminal, markdown);
}
