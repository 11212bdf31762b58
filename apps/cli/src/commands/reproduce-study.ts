import { REDUCTIONS, type Rule, SEEDS } from '@clearmaps/deconvnet';
import {
  measureTable1,
  PAPER_TABLE1,
  type Setting,
  type StudiedNet,
  type Table1,
} from '@clearmaps/evaluation';
import { type Command, Option } from 'commander';
import { BACKEND_NAMES, openChosen } from '../backends.ts';
import { DRAWN, evaluationImages, UNSEEN } from '../evaluation-images.ts';
import { loadModel } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { SavedResults } from '../saved-results.ts';
import { STUDY_AREAS, studyReport } from '../study-report.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { SWEEP } from '../threshold-option.ts';

interface StudyFlags {
  readonly mnist: string;
  readonly svhn: string;
  readonly limit?: string;
  readonly checkpoint?: string;
  readonly backend: string;
  readonly json: boolean;
}

/** Above them little is left of an image. */
const THRESHOLDS = SWEEP.filter((threshold) => threshold <= 0.4);

const STUDIED: readonly Rule[] = ['linear', 'deconvnet', 'gradient', 'guided'];

const SETTINGS: readonly Setting[] = STUDIED.flatMap((rule) =>
  SEEDS.flatMap((seed) => REDUCTIONS.map((reduction) => ({ rule, seed, reduction }))),
);

export function reproduceStudyCommand(reproduce: Command, terminal: Terminal): void {
  reproduce
    .command('study')
    .description(
      'Table 1 over the four rules at ReLUs, seeds, reductions and thresholds on the bundled nets: what the defaults rest on',
    )
    .option('--mnist <data>', 'digits for the MNIST net, as --data of reproduce table1', UNSEEN)
    .option('--svhn <data>', 'house numbers for the SVHN net', DRAWN)
    .option('--limit <n>', 'only the first n images of each')
    .option('--checkpoint <file>', 'keep results there after each rule and seed, and go on from it')
    .addOption(new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto'))
    .option('--json', 'print { nets, closest, bestAtArea } as JSON instead of Markdown tables', false)
    .addHelpText(
      'after',
      '\nExample:\n  clearmaps reproduce study --svhn path/to/test_32x32.mat --checkpoint study.json',
    )
    .action((flags: StudyFlags) => study(flags, terminal));
}

async function study(flags: StudyFlags, terminal: Terminal): Promise<void> {
  const { mnist, svhn, limit, checkpoint } = flags;
  const cuts = [...THRESHOLDS.map((threshold) => ({ threshold })), ...STUDY_AREAS.map((area) => ({ area }))];
  const saved = await SavedResults.open<Table1>(checkpoint, {
    mnist,
    svhn,
    limit,
    settings: SETTINGS,
    cuts,
  });
  const nets: StudiedNet[] = [];
  const names: string[] = [];
  for (const [name, data] of Object.entries({ mnist, svhn })) {
    const model = await loadModel(name);
    const set = await evaluationImages(model, { model: name, data, heldOut: false, limit }, terminal.signal);
    names.push(`${name} on ${set.count} images of ${set.name}`);
    const cm = await openChosen(model, flags.backend);
    const progress = new Progress(terminal, name, SETTINGS.length);
    const settings: StudiedNet['settings'][number][] = [];
    try {
      for (const setting of SETTINGS) {
        const { rule, seed, reduction } = setting;
        // Of one channel the maximum is the sum.
        const key = model.inputShape[2] === 1 && reduction === 'max' ? 'sum' : reduction;
        const measure = (): Promise<Table1> =>
          measureTable1(cm, model, set, { ...setting, cuts, signal: terminal.signal });
        settings.push({ ...setting, table: await saved.get(`${name} ${rule} ${seed} ${key}`, measure) });
        progress.advance();
      }
    } finally {
      progress.stop();
      await cm.dispose();
    }
    nets.push({ name, paper: PAPER_TABLE1[name]!, settings });
  }
  const { closest, bestAtArea, markdown } = studyReport(nets);
  if (flags.json) return printJson(terminal, { nets, closest, bestAtArea });
  printLine(terminal, `${names.join('; ')}. Accuracies in per cent: only / without (kept area).\n`);
  printLine(terminal, markdown);
}
