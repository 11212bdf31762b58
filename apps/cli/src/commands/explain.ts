import { availableParallelism } from 'node:os';
import {
  type ClassPalette,
  classPalette,
  type PaletteName,
  paletteNames,
  type Scale,
} from '@clearmaps/colormap';
import type { Explanation, Rule, Seed } from '@clearmaps/deconvnet';
import { type Clearmaps, VIEWS, type ViewName } from 'clearmaps';
import { type Command, Option } from 'commander';
import pMap from 'p-map';
import { BACKEND_NAMES, openChosen } from '../backends.ts';
import { type ClassChoice, classNamesOf, parseClass, parseClassChoice, ranked } from '../class-choice.ts';
import { UsageError } from '../errors.ts';
import { type ExplainInput, InputReader } from '../explain-inputs.ts';
import { drawSheet, encodePng } from '../explanation-sheet.ts';
import { loadModel } from '../model-source.ts';
import { npyBytes } from '../numpy-files.ts';
import { OutputFolder } from '../output-folder.ts';
import { Progress } from '../progress.ts';
import { addRuleOptions } from '../rule-options.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { wholeNumber } from '../whole-number.ts';

interface ExplainFlags {
  readonly model: string;
  readonly rule: Rule;
  readonly seed: Seed;
  readonly classes: string;
  readonly true?: string;
  readonly backend: string;
  readonly out: string;
  readonly panels: string;
  readonly scale: string;
  readonly palette: PaletteName;
  readonly inputArray: string[];
  readonly invert: boolean;
  readonly workers: string;
  readonly saveArrays: boolean;
  readonly json: boolean;
}

/** What `--json` prints of one input. */
interface ExplainReport {
  readonly input: string;
  readonly predicted: { readonly class: number; readonly name: string; readonly probability: number };
  readonly true?: { readonly class: number; readonly name: string };
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
  readonly logits: readonly number[];
  /** Share of the pixels with a positive dominant response that each asked class wins. */
  readonly dominantShare: Readonly<Record<string, number>>;
  readonly sheet: string;
  readonly arrays?: readonly string[];
}

/** Options that `explain` and `gallery` share. */
export function addExplainOptions(command: Command): Command {
  return addRuleOptions(command)
    .addOption(new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto'))
    .addOption(new Option('--palette <name>', 'class colours').choices([...paletteNames]).default('hues'))
    .option('--scale <scale>', 'full brightness: max, per-class, fixed:X or percentile:P', 'max');
}

export function explainCommand(program: Command, terminal: Terminal): void {
  addExplainOptions(program.command('explain').description('draw CLEAR maps of pictures or digits'))
    .argument('[inputs...]', 'picture files, or mnist:INDEX for a bundled digit')
    .option(
      '--input-array <file.npy>',
      'raw network input, [H,W,C] or [1,H,W,C]; may be repeated',
      collect,
      [],
    )
    .option('--classes <list>', 'all, top:K, or names and numbers: 3,5', 'all')
    .option('--true <label>', 'the true class, where the input does not know it')
    .option('--invert', 'pictures are dark on light, the model wants light on dark', false)
    .option('-o, --out <folder>', 'where the sheets go', 'clear-maps')
    .option('--panels <list>', `any of ${VIEWS.join(', ')}`, 'original,heatmap,binary,clear,overlay')
    .option(
      '--workers <n>',
      'threads that share the images, where the backend has none of its own',
      String(availableParallelism()),
    )
    .option('--save-arrays', 'also write responses, dominant maps and logits as .npy', false)
    .option('--json', 'print the results as JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  clearmaps explain mnist:0 mnist:7
  clearmaps explain digit.png --invert --true 3 --rule guided
  clearmaps explain mnist:7 --classes top:3 --panels clear,responses --json
  clearmaps explain photo.jpg --model squeezenet/model.json --classes top:10`,
    )
    .action((inputs: string[], flags: ExplainFlags) => explain(inputs, flags, terminal));
}

async function explain(sources: string[], flags: ExplainFlags, terminal: Terminal): Promise<void> {
  if (sources.length + flags.inputArray.length === 0) {
    throw new UsageError({
      asked: 'explain',
      got: 'no input',
      allowed: 'picture files, mnist:INDEX, --input-array',
    });
  }
  const views = parseViews(flags.panels);
  const scale = parseScale(flags.scale);
  const model = await loadModel(flags.model);
  const workers = Math.min(
    wholeNumber('--workers', flags.workers, 1),
    sources.length + flags.inputArray.length,
  );
  const cm = await openChosen(model, flags.backend, workers);
  try {
    const classNames = classNamesOf(model, cm.classCount);
    const choice = parseClassChoice(flags.classes, classNames);
    const trueClass = flags.true === undefined ? undefined : parseClass('--true', flags.true, classNames);
    // All inputs are read before anything is written: a bad last one leaves no half set of sheets.
    const reader = new InputReader(model, flags.invert);
    const inputs: ExplainInput[] = [];
    for (const source of sources) inputs.push(await reader.read(source));
    for (const path of flags.inputArray) inputs.push(await reader.readArray(path));
    const folder = await OutputFolder.open(flags.out);
    const palette = classPalette(classNames.length, flags.palette);
    const footnote = `${model.name}, rule ${flags.rule}, seed ${flags.seed}, scale ${flags.scale}, ${cm.backend.name}`;
    const job = { cm, choice, classNames, palette, views, scale, footnote, flags, folder };
    let reports: ExplainReport[];
    const names = new Set<string>();
    const progress = new Progress(terminal, 'explain', inputs.length);
    try {
      reports = await pMap(
        inputs.map((input) => ({ ...input, name: uniqueName(input.name, names) })),
        async (input) => {
          const report = await explainOne(input, trueClass, job, terminal);
          progress.advance();
          return report;
        },
        { concurrency: workers },
      );
    } finally {
      progress.stop();
    }
    if (flags.json)
      printJson(terminal, {
        model: model.name,
        backend: cm.backend.name,
        rule: flags.rule,
        seed: flags.seed,
        results: reports,
      });
    else
      for (const { input, predicted, sheet } of reports)
        printLine(
          terminal,
          `${input}: ${predicted.name} (${(100 * predicted.probability).toFixed(1)} %)  ${sheet}`,
        );
  } finally {
    await cm.dispose();
  }
}

interface Job {
  readonly cm: Clearmaps;
  readonly choice: ClassChoice;
  readonly classNames: readonly string[];
  readonly palette: ClassPalette;
  readonly views: readonly ViewName[];
  readonly scale: Scale;
  readonly footnote: string;
  readonly flags: ExplainFlags;
  readonly folder: OutputFolder;
}

async function explainOne(
  input: ExplainInput,
  asked: number | undefined,
  job: Job,
  terminal: Terminal,
): Promise<ExplainReport> {
  const { cm, choice, classNames, palette, views, scale, footnote, flags, folder } = job;
  const trueClass = asked ?? input.trueClass;
  const classes =
    'top' in choice ? ranked((await cm.predict(input.values)).logits).slice(0, choice.top) : choice.classes;
  const explanation = await cm.explain(input.values, {
    rule: flags.rule,
    seed: flags.seed,
    classes,
    responses: flags.saveArrays,
    signal: terminal.signal,
  });
  const predicted = ranked(explanation.probabilities)[0]!;
  const target = trueClass ?? predicted;
  const { sheet } = drawSheet({
    input,
    explanation,
    classNames,
    palette,
    views,
    scale,
    target,
    trueClass,
    footnote,
  });
  const arrays = flags.saveArrays ? await saveArrays(input.name, explanation, folder) : undefined;
  return {
    input: input.source,
    predicted: {
      class: predicted,
      name: classNames[predicted]!,
      probability: explanation.probabilities[predicted]!,
    },
    ...(trueClass !== undefined && { true: { class: trueClass, name: classNames[trueClass]! } }),
    classes,
    probabilities: Array.from(explanation.probabilities),
    logits: Array.from(explanation.logits),
    dominantShare: dominantShare(explanation, classNames),
    sheet: await folder.write(`${input.name}.png`, await encodePng(sheet)),
    ...(arrays && { arrays }),
  };
}

async function saveArrays(name: string, explanation: Explanation, folder: OutputFolder): Promise<string[]> {
  const { classes, shape, responses, dominantClass, dominantResponse, logits } = explanation;
  const [, height, width, channels] = shape;
  return Promise.all([
    folder.write(`${name}.responses.npy`, npyBytes(responses!, [classes.length, height, width, channels])),
    folder.write(`${name}.dominant-class.npy`, npyBytes(dominantClass, [height, width])),
    folder.write(`${name}.dominant-response.npy`, npyBytes(dominantResponse, [height, width])),
    folder.write(`${name}.logits.npy`, npyBytes(logits, [logits.length])),
  ]);
}

function dominantShare(explanation: Explanation, classNames: readonly string[]): Record<string, number> {
  const count = new Map<number, number>(explanation.classes.map((c) => [c, 0]));
  let lit = 0;
  explanation.dominantClass.forEach((c, pixel) => {
    if (explanation.dominantResponse[pixel]! <= 0) return;
    count.set(c, count.get(c)! + 1);
    lit++;
  });
  return Object.fromEntries([...count].map(([c, pixels]) => [classNames[c]!, lit === 0 ? 0 : pixels / lit]));
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let copy = 2; taken.has(unique); copy++) unique = `${name}-${copy}`;
  taken.add(unique);
  return unique;
}

function parseViews(text: string): ViewName[] {
  return text.split(',').map((part) => {
    const name = part.trim() as ViewName;
    if (VIEWS.includes(name)) return name;
    throw new UsageError({ asked: '--panels', got: `"${name}"`, allowed: VIEWS.join(', ') });
  });
}

/** @throws UsageError */
export function parseScale(text: string): Scale {
  if (text === 'max' || text === 'per-class') return text;
  const [, kind, number] = /^(fixed|percentile):(\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i.exec(text) ?? [];
  const value = Number(number);
  if (kind === 'fixed' && value > 0) return { fixed: value };
  if (kind === 'percentile' && value <= 100) return { percentile: value };
  throw new UsageError({
    asked: '--scale',
    got: `"${text}"`,
    allowed: 'max, per-class, fixed:X with X > 0, percentile:P with 0 <= P <= 100',
  });
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}
