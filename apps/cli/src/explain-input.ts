import type { PaletteName, Scale } from '@clearmaps/colormap';
import { npyBytes } from '@clearmaps/datasets';
import {
  type AsyncExplainOptions,
  type Explanation,
  OTHERS,
  type Rule,
  type Seed,
} from '@clearmaps/deconvnet/graph';
import type { MethodExplanation } from '@clearmaps/methods';
import {
  type ClassGroup,
  type Clearmaps,
  chooseClasses,
  dominantShares,
  ranked,
  type ShownRows,
  shownRows,
  type ViewName,
} from 'clearmaps';
import { placeText } from './backends.ts';
import type { ClassQuestion } from './class-question.ts';
import { UsageError } from './errors.ts';
import type { ExplainInput } from './explain-inputs.ts';
import { drawSheet, encodePng } from './explanation-sheet.ts';
import type { OutputFolder } from './output-folder.ts';
import { ResponseFile } from './response-file.ts';

/** More response maps make a sheet that no viewer opens. */
const MOST_RESPONSE_MAPS = 100;

/** What `--json` prints of one sheet. */
export interface ExplainReport {
  readonly input: string;
  /** What the forward pass computed in. */
  readonly forward: 'float32' | 'float64';
  readonly predicted: { readonly class: number; readonly name: string; readonly probability: number };
  readonly true?: { readonly class: number; readonly name: string };
  /** Class indices; where groups were asked for, their names are in `groups`. */
  readonly classes: readonly number[];
  readonly groups?: readonly string[];
  readonly probabilities: readonly number[];
  readonly logits: readonly number[];
  /** Sum of the positive responses of each class or group. */
  readonly evidence: readonly number[];
  /** Of methods that promise completeness: by how much each class misses it. */
  readonly completenessError?: readonly number[];
  /** Share of the pixels with a positive dominant response that each asked class or group wins. */
  readonly dominantShare: Readonly<Record<string, number>>;
  readonly sheet: string;
  readonly arrays?: readonly string[];
}

/** What all inputs of a run have in common. */
export interface ExplainJob {
  readonly cm: Clearmaps;
  readonly asked: ClassQuestion;
  readonly classNames: readonly string[];
  readonly settings: ExplainSettings;
  readonly folder: OutputFolder;
  readonly signal: AbortSignal;
}

interface ExplainSettings {
  readonly rule: Rule;
  readonly seed: Seed;
  /** Bytes. */
  readonly memoryBudget: number;
  readonly saveArrays: boolean;
  /** Whether it gives the responses of all classes at once, as methods do; they are kept in memory then. */
  readonly atOnce: boolean;
  readonly views: readonly ViewName[];
  readonly scale: Scale;
  readonly palette: PaletteName;
  /** To which is added where it was computed. */
  readonly footnote: string;
}

/**
 * Explains one input: one sheet, or one a page.
 *
 * @param says is told how many classes, or parts of a method's work, are done
 * @throws UsageError for arrays or response maps that are too many to keep
 */
export async function explainInput(
  input: ExplainInput,
  { cm, asked, classNames, settings, folder, signal }: ExplainJob,
  says: (progress: string) => void,
): Promise<ExplainReport[]> {
  const { rule, seed, memoryBudget, saveArrays, views, scale, palette, footnote } = settings;
  const { choice, others } = asked;
  const onProgress = (done: number, total: number): void => says(`${done}/${total}`);
  const options = { rule, seed, memoryBudget, signal, onProgress };
  const groups = 'groups' in choice ? choice.groups : undefined;
  const pages = 'groups' in choice ? [undefined] : await chooseClasses(cm, input.values, choice, options);
  const digits = String(pages.length).length;
  const reports: ExplainReport[] = [];
  for (const [page, classes] of pages.entries()) {
    const inPages = pages.length > 1;
    const name = inPages ? `${input.name}-page-${String(page + 1).padStart(digits, '0')}` : input.name;
    checkKept(cm, classes?.length ?? groups!.length, settings);
    const asks = {
      ...options,
      ...(groups ? { groups: groups.map((group) => group.classes) } : { classes }),
      others,
      maps: views.includes('responses'),
    };
    const names = groups ? [...groups.keys()] : classes!;
    const { explanation, files } = saveArrays
      ? await explainIntoFiles(cm, input.values, asks, { names, name, folder })
      : { explanation: (await cm.explain(input.values, asks)) as MethodExplanation };
    const rows = shownRows(explanation, { classNames, groups, palette });
    const predicted = ranked(explanation.probabilities)[0]!;
    const { sheet } = drawSheet({
      input,
      explanation,
      classNames,
      rows,
      views,
      scale,
      target: targetOf(input.trueClass ?? predicted, explanation, rows, groups),
      trueClass: input.trueClass,
      footnote: `${footnote}, ${placeText(cm, explanation)}`,
      ...(inPages && { page: `Page ${page + 1} of ${pages.length}` }),
    });
    const { trueClass } = input;
    reports.push({
      input: input.source,
      forward: explanation.forward ?? 'float32',
      predicted: {
        class: predicted,
        name: classNames[predicted]!,
        probability: explanation.probabilities[predicted]!,
      },
      ...(trueClass !== undefined && { true: { class: trueClass, name: classNames[trueClass]! } }),
      classes: explanation.classes,
      ...(groups && { groups: rows.names }),
      probabilities: Array.from(explanation.probabilities),
      logits: Array.from(explanation.logits),
      evidence: Array.from(explanation.evidence),
      ...(explanation.completenessError && { completenessError: Array.from(explanation.completenessError) }),
      dominantShare: Object.fromEntries(
        [...dominantShares(explanation)].map(([c, share]) => [
          c === OTHERS ? 'others' : rows.names[c]!,
          share,
        ]),
      ),
      sheet: await folder.write(`${name}.png`, await encodePng(sheet)),
      ...(files && { arrays: files }),
    });
  }
  return reports;
}

/** The row that is decided for, or where none is, the most probable of those that were explained. */
function targetOf(
  decided: number,
  { classes }: Explanation,
  { probabilities }: ShownRows,
  groups: readonly ClassGroup[] | undefined,
): number {
  const row = groups ? groups.findIndex((group) => group.classes.includes(decided)) : decided;
  if (classes.includes(row)) return row;
  return classes.reduce((best, c) => (probabilities[c]! > probabilities[best]! ? c : best));
}

/** @throws UsageError before anything is computed for nothing */
function checkKept(
  cm: Clearmaps,
  count: number,
  { saveArrays, atOnce, views, memoryBudget }: ExplainSettings,
): void {
  const remedy = 'Explain fewer classes at a time: --classes top:10, or pages:10.';
  if (views.includes('responses') && count > MOST_RESPONSE_MAPS) {
    const allowed = `at most ${MOST_RESPONSE_MAPS} response maps`;
    throw new UsageError({ asked: '--panels responses', got: `${count} classes`, allowed, remedy });
  }
  const size = cm.model.inputShape.reduce((a, b) => a * b, 1) * count * Float32Array.BYTES_PER_ELEMENT;
  if (!saveArrays || !atOnce || size <= memoryBudget) return;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new UsageError({
    asked: `--save-arrays of ${count} classes`,
    got: `${mib(size)} of responses`,
    allowed: `what --memory leaves beside Node and the model: ${mib(memoryBudget)}`,
    remedy,
  });
}

/** Explains, and writes responses as soon as they are there: those of all classes need not fit in memory. */
async function explainIntoFiles(
  cm: Clearmaps,
  input: Float32Array,
  options: AsyncExplainOptions,
  {
    names,
    name,
    folder,
  }: { readonly names: readonly number[]; readonly name: string; readonly folder: OutputFolder },
): Promise<{ readonly explanation: MethodExplanation; readonly files: readonly string[] }> {
  let explanation!: MethodExplanation;
  const responseFile = await folder.write(`${name}.responses.npy`, async (file) => {
    const responses = new ResponseFile(file, names, cm.model.inputShape);
    await responses.begin();
    explanation = await cm.explain(input, {
      ...options,
      responses: true,
      onClasses: (swept) => responses.put(swept.classes, swept.responses!),
    });
    if (explanation.responses) await responses.put(explanation.classes, explanation.responses);
  });
  return { explanation, files: [responseFile, ...(await writeArrays(name, explanation, folder))] };
}

async function writeArrays(name: string, explanation: Explanation, folder: OutputFolder): Promise<string[]> {
  const { shape, dominantClass, dominantResponse, others, logits } = explanation;
  const [, height, width] = shape;
  return Promise.all([
    folder.write(`${name}.dominant-class.npy`, npyBytes(dominantClass, [height, width])),
    folder.write(`${name}.dominant-response.npy`, npyBytes(dominantResponse, [height, width])),
    folder.write(`${name}.logits.npy`, npyBytes(logits, [logits.length])),
    ...(others ? [folder.write(`${name}.others.npy`, npyBytes(others, [height, width]))] : []),
  ]);
}
