import { classPalette, type PaletteName, paletteNames, paletteOfSome } from '@clearmaps/colormap';
import type { Rule, Seed } from '@clearmaps/deconvnet';
import { classNamesOf } from 'clearmaps';
import { type Command, Option } from 'commander';
import { backendOption, forwardOption, ON_NATIVE } from '../backend-options.ts';
import { type BackendChoice, openChosen, placeText } from '../backends.ts';
import { parseClassChoice } from '../class-choice.ts';
import { UsageError } from '../errors.ts';
import { DRAWN, evaluationImages, UNSEEN } from '../evaluation-images.ts';
import { encodePng } from '../explanation-sheet.ts';
import { digitFigures } from '../figures/digit-figures.ts';
import { CHOICE_RULE } from '../figures/example-choice.ts';
import type { Figure, FigureJob, FigureStyle } from '../figures/figure.ts';
import { houseNumberFigure } from '../figures/house-number-figure.ts';
import { photoFigures } from '../figures/photo-figures.ts';
import { type PrintedFigure, reportPage } from '../figures/report-page.ts';
import { loadModel } from '../model-source.ts';
import { OutputFolder } from '../output-folder.ts';
import { ruleOption, seedOption } from '../rule-options.ts';
import { printLine, type Terminal } from '../terminal.ts';
import { wholeNumber } from '../whole-number.ts';

interface FigureFlags extends BackendChoice {
  readonly mnist: string;
  readonly svhn: string;
  readonly part?: string;
  readonly heldOut: boolean;
  readonly model?: string;
  readonly data?: string;
  readonly classes: string;
  readonly rule: Rule;
  readonly seed: Seed;
  readonly palette: PaletteName;
  readonly choiceSeed: string;
  readonly out: string;
}

export function reproduceFiguresCommand(reproduce: Command, terminal: Terminal): void {
  reproduce
    .command('figures')
    .description('figures 1 to 4 on the bundled nets, and 5 to 7 on a net of photos: PNG files and one page')
    .option('--mnist <data>', 'digits for figures 1 to 3, as --data of evaluate', UNSEEN)
    .option('--svhn <data>', 'house numbers for figure 4', DRAWN)
    .option('--part <prefix>', 'of --mnist: which set of a folder with several')
    .option('--held-out', 'of --mnist: only what the net was not trained on', false)
    .option('-m, --model <path>', 'a net of photos for figures 5 to 7')
    .option('--data <folder>', 'its photos, named after their classes or in folders that are')
    .option('--classes <list>', 'of the photos: all, or names, numbers and ranges: 3,151-160', 'all')
    .addOption(ruleOption())
    .addOption(seedOption())
    .addOption(new Option('--palette <name>', 'class colours').choices([...paletteNames]).default('hues'))
    .option('--choice-seed <n>', 'of the choice of examples', '1')
    .addOption(backendOption())
    .addOption(forwardOption(ON_NATIVE))
    .option('-o, --out <folder>', 'where the figures and the page go', 'clear-figures')
    .addHelpText(
      'after',
      `
${CHOICE_RULE}

Examples:
  clearmaps reproduce figures --out figures
  clearmaps reproduce figures --mnist path/to/mnist --part train --held-out --svhn path/to/test_32x32.mat
  clearmaps reproduce figures --model squeezenet1.1 --data dog-photos --classes 151-160`,
    )
    .action((flags: FigureFlags) => figures(flags, terminal));
}

/** Of the positive responses of a photo. */
const PHOTO_SCALE = { percentile: 98 } as const;

async function figures(flags: FigureFlags, terminal: Terminal): Promise<void> {
  const { rule, seed, model: photoModel, data: photos, palette } = flags;
  const job: FigureJob = { rule, seed, choiceSeed: wholeNumber('--choice-seed', flags.choiceSeed) };
  if ((photoModel === undefined) !== (photos === undefined)) {
    throw new UsageError({
      asked: `reproduce figures ${photos === undefined ? '--model' : '--data'}`,
      got: photos === undefined ? 'no --data beside it' : 'no --model beside it',
      allowed: 'both or none',
    });
  }
  const folder = await OutputFolder.open(flags.out);
  const printed: PrintedFigure[] = [];
  const notes: string[] = [];
  const print = async (made: readonly Figure[], style: FigureStyle): Promise<void> => {
    for (const { raster, ...figure } of made) {
      const png = await encodePng(raster);
      const { width, height } = raster;
      printed.push({ ...figure, png, width, height, ...style });
      printLine(terminal, await folder.write(`figure-${figure.number}.png`, png));
    }
    notes.push(style.settings);
  };
  const sets = [
    { name: 'mnist', data: flags.mnist, part: flags.part, heldOut: flags.heldOut, make: digitFigures },
    { name: 'svhn', data: flags.svhn, heldOut: false, make: houseNumberFigure },
  ];
  for (const { name, make, ...where } of sets) {
    const model = await loadModel(name);
    const set = await evaluationImages(model, { model: name, ...where }, terminal.signal);
    const cm = await openChosen(model, flags);
    try {
      const classNames = classNamesOf(model, cm.classCount);
      const style = {
        classNames,
        palette: classPalette(classNames.length, palette),
        scale: 'max' as const,
        settings: `Net ${model.name} on ${set.count} images of ${set.name}; rule ${rule}, seed ${seed}, choice seed ${job.choiceSeed}, ${placeText(cm, flags)}.`,
      };
      await print(await make(cm, set, style, job, terminal), style);
    } finally {
      await cm.dispose();
    }
  }
  if (photoModel !== undefined && photos !== undefined) {
    const model = await loadModel(photoModel);
    const cm = await openChosen(model, flags);
    try {
      const classNames = classNamesOf(model, cm.classCount);
      const choice = parseClassChoice(flags.classes, classNames);
      if (!('classes' in choice)) {
        throw new UsageError({
          asked: '--classes',
          got: flags.classes,
          allowed: 'all, or names, numbers and ranges',
        });
      }
      const asked = choice.classes;
      const style = {
        classNames,
        palette: paletteOfSome(classNames.length, asked, palette),
        // A few spikes would leave the rest of a photo black.
        scale: PHOTO_SCALE,
        settings: `Net ${model.name}; decided among ${asked.length} classes, with the probabilities of all ${classNames.length}; rule ${rule}, seed ${seed}, choice seed ${job.choiceSeed}, ${placeText(cm, flags)}.`,
      };
      await print(await photoFigures(cm, photos, asked, style, job, terminal), style);
    } finally {
      await cm.dispose();
    }
  }
  printLine(terminal, await folder.write('index.html', reportPage(printed, [CHOICE_RULE, ...notes])));
}
