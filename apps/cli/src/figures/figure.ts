import type { ClassPalette, Raster, Scale } from '@clearmaps/colormap';
import { firstName } from '@clearmaps/colormap/sheet';
import type { Explanation, Rule, Seed } from '@clearmaps/deconvnet';
import { drawViews, type View, type ViewName } from 'clearmaps';
import type { ExplainInput } from '../explain-inputs.ts';
import { pictureOf } from '../explanation-sheet.ts';
import { strongestEvidence } from '../map-reading.ts';

/** One figure of the report. */
export interface Figure {
  /** The paper's. */
  readonly number: number;
  readonly title: string;
  /** What it shows and how to read it. */
  readonly caption: string;
  /** Whose colours it shows, in the order of its legend; none where colours mean something else. */
  readonly classes: readonly number[];
  readonly raster: Raster;
  /** For those who do not see it. */
  readonly alt: string;
  /** What the maps of wrong decisions support, one each. */
  readonly readings: readonly string[];
}

/** One explained image of a figure. */
export interface Example {
  readonly input: ExplainInput;
  readonly explanation: Explanation;
  readonly trueClass: number;
  /** Among the classes explained. */
  readonly predicted: number;
}

/** How the examples of one net are drawn. */
export interface FigureStyle {
  readonly classNames: readonly string[];
  readonly palette: ClassPalette;
  /** What counts as full brightness. */
  readonly scale: Scale;
  /** Net, data, rule, seed: the small print. */
  readonly settings: string;
}

/** What the figures of one net are made from. */
export interface FigureJob {
  readonly rule: Rule;
  readonly seed: Seed;
  readonly choiceSeed: number;
}

export function viewsOf(
  { input, explanation, trueClass }: Example,
  { palette, scale }: FigureStyle,
  views: readonly ViewName[],
): View[] {
  return drawViews(explanation, {
    picture: pictureOf(input, explanation),
    target: trueClass,
    palette,
    scale,
    views,
  });
}

/** `5 (98.2 %)`. */
export function decisionOf({ explanation, predicted }: Example, { classNames }: FigureStyle): string {
  return `${firstName(classNames[predicted]!)} (${(100 * explanation.probabilities[predicted]!).toFixed(1)}\u00a0%)`;
}

/** What the map of a wrong decision supports, in a sentence. */
export function readingOf(example: Example, style: FigureStyle): string {
  const evidence =
    strongestEvidence(example.explanation, style.classNames, example.trueClass) ??
    'no evidence for another class';
  return `${style.classNames[example.trueClass]} taken for ${decisionOf(example, style)}: ${evidence}.`;
}
