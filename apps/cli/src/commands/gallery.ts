import { classPalette, type PaletteName } from '@clearmaps/colormap';
import type { LabelledImages } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import type { Rule, Seed } from '@clearmaps/deconvnet';
import { type Clearmaps, classNamesOf, shownRows, VIEWS } from 'clearmaps';
import type { Command } from 'commander';
import { type BackendChoice, openChosen, placeText } from '../backends.ts';
import { InputReader } from '../explain-inputs.ts';
import { drawSheet, encodePng } from '../explanation-sheet.ts';
import { chooseGallery } from '../gallery-choice.ts';
import { type GalleryEntry, galleryPage } from '../gallery-page.ts';
import { loadModel } from '../model-source.ts';
import { OutputFolder } from '../output-folder.ts';
import { Progress } from '../progress.ts';
import { type Decision, scoreImages } from '../score-images.ts';
import { printLine, type Terminal } from '../terminal.ts';
import { readUnseenDigits } from '../unseen-digits.ts';
import { addExplainOptions, parseScale, scaleText } from './explain.ts';

interface GalleryFlags extends BackendChoice {
  readonly model: string;
  readonly labels?: string;
  readonly rule: Rule;
  readonly seed: Seed;
  readonly palette: PaletteName;
  readonly scale: string;
  readonly out: string;
}

export function galleryCommand(program: Command, terminal: Terminal): void {
  addExplainOptions(
    program
      .command('gallery')
      .description('explain a sample of the bundled digits: every class, right and wrong decisions'),
  )
    .option('-o, --out <folder>', 'where the sheets and the page go', 'clear-maps')
    .addHelpText('after', '\nExample:\n  clearmaps gallery --rule guided --out maps')
    .action((flags: GalleryFlags) => gallery(flags, terminal));
}

async function gallery(flags: GalleryFlags, terminal: Terminal): Promise<void> {
  const model = await loadModel(flags.model, flags.labels);
  const scale = parseScale(flags.scale, model);
  const set = await readBundledMnist({ from: import.meta.url });
  const folder = await OutputFolder.open(flags.out);
  const cm = await openChosen(model, flags);
  try {
    const classNames = classNamesOf(model, cm.classCount);
    const heldOut = await readUnseenDigits(flags.model);
    const decisions = await classifyAll(cm, set, terminal);
    const picks = chooseGallery(decisions, heldOut, classNames.length);
    const palette = classPalette(classNames.length, flags.palette);
    const reader = new InputReader(model);
    const settings = `rule ${flags.rule}, seed ${flags.seed}, scale ${scaleText(scale)}`;
    let place = placeText(cm, {});
    const entries: GalleryEntry[] = [];
    const progress = new Progress(terminal, 'explain', picks.length);
    try {
      for (const { index, trueClass, predicted, heldOut: unseen } of picks) {
        const input = reader.fromSet(set, index, `mnist:${index}`);
        const { rule, seed } = flags;
        const explanation = await cm.explain(input.values, { rule, seed, signal: terminal.signal });
        place = placeText(cm, explanation);
        const { sheet, title, reading } = drawSheet({
          input,
          explanation,
          classNames,
          rows: shownRows(explanation, { classNames, palette: flags.palette }),
          views: VIEWS.filter((view) => view !== 'responses'),
          scale,
          target: trueClass,
          trueClass,
          footnote: `${model.name}, ${settings}, ${place}`,
        });
        const right = predicted === trueClass;
        const file = `class-${trueClass}-${right ? 'right' : 'wrong'}-mnist-${index}.png`;
        await folder.write(file, await encodePng(sheet));
        entries.push({
          sheet: file,
          title,
          reading,
          className: classNames[trueClass]!,
          right,
          heldOut: unseen,
          width: sheet.width,
          height: sheet.height,
        });
        progress.advance();
      }
    } finally {
      progress.stop();
    }
    const page = galleryPage({
      modelName: model.name,
      classNames,
      palette,
      entries,
      accuracy: accuracySentence(decisions, heldOut),
      settings: `Settings: ${settings}, ${place}.`,
    });
    printLine(terminal, `${entries.length} sheets and a page that shows them all:`);
    printLine(terminal, await folder.write('index.html', page));
  } finally {
    await cm.dispose();
  }
}

async function classifyAll(cm: Clearmaps, set: LabelledImages, terminal: Terminal): Promise<Decision[]> {
  const indices = Array.from({ length: set.count }, (_, i) => i);
  const decisions: Decision[] = [];
  const progress = new Progress(terminal, 'classify', set.count);
  try {
    for await (const batch of scoreImages(cm, set, indices, terminal.signal)) {
      decisions.push(...batch);
      progress.advance(batch.length);
    }
  } finally {
    progress.stop();
  }
  return decisions;
}

function accuracySentence(decisions: readonly Decision[], heldOut: ReadonlySet<number> | undefined): string {
  const counted = decisions.filter(({ index }) => heldOut?.has(index) ?? true);
  const right = counted.filter(({ predicted, trueClass }) => predicted === trueClass).length;
  const share = ((100 * right) / counted.length).toFixed(1);
  const seen = heldOut ? 'that it was not trained on' : '(which of them it was trained on is not known)';
  return `The net decides ${right} of ${counted.length} digits right ${seen}: ${share} %. Shown are, of every class, the first right and the first wrong decision in index order.`;
}
