import type { LabelledImages } from '@clearmaps/datasets';
import type { Clearmaps } from 'clearmaps';
import type { Terminal } from '../terminal.ts';
import type { ClassRow } from './class-rows-figure.ts';
import { chooseExamples } from './example-choice.ts';
import { decideAll, exampleOf } from './example-source.ts';
import type { FigureJob } from './figure.ts';

/** Of each class a right and a wrong decision, drawn by the rule and explained. */
export async function explainedRows(
  cm: Clearmaps,
  set: LabelledImages,
  { rule, seed, choiceSeed }: FigureJob,
  terminal: Terminal,
): Promise<ClassRow[]> {
  const decisions = await decideAll(cm, set, terminal);
  const responses = { rule, seed, signal: terminal.signal };
  const rows: ClassRow[] = [];
  for (const [trueClass, { right, wrong }] of chooseExamples(
    decisions,
    cm.classCount,
    choiceSeed,
  ).entries()) {
    rows.push({
      trueClass,
      right: right && (await exampleOf(cm, set, right, responses)),
      wrong: wrong && (await exampleOf(cm, set, wrong, responses)),
    });
  }
  return rows;
}
