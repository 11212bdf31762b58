import type { LabelledImages } from '@clearmaps/datasets';
import type { LayerGraph, Reduction, Rule, Seed } from '@clearmaps/deconvnet';
import {
  type ExplainedNet,
  type ImageMeasures,
  inputBatches,
  labelRandomisation,
  MEASURES,
  type Mean,
  type MeasureName,
  meanOf,
  measureExplanations,
  modelRandomisation,
  type RandomisationStep,
} from '@clearmaps/evaluation';
import { mulberry32 } from '@clearmaps/random';
import pMap from 'p-map';
import { imagesAtOnce, type MethodFlags, openExplained } from './method-choice.ts';
import { loadModel } from './model-source.ts';
import { Progress } from './progress.ts';
import { SavedResults } from './saved-results.ts';
import { printLine, type Terminal } from './terminal.ts';

export interface ExplanationEvaluationRequest {
  readonly model: LayerGraph;
  readonly set: LabelledImages;
  readonly rule: Rule;
  readonly seed: Seed;
  /** What the engine, or the method, has unless told. */
  readonly reduction?: Reduction;
  readonly threshold: number;
  readonly randomSeed: number;
  /** Backend, and the method in place of rule and seed. */
  readonly flags: MethodFlags;
  /** Pieces of the set under way at a time. */
  readonly workers: number;
  readonly checkpoint?: string;
  /** A model of the same shape that learned random labels. */
  readonly randomLabels?: string;
}

/** What explanations of a rule are worth on a data set. */
export interface ExplanationEvaluation {
  /** Without `ruleChange` where a method explains, which has no rule to change. */
  readonly measures: Readonly<Partial<Record<MeasureName, Mean>>>;
  /** Rank correlation of the maps with those of nets that lost their weights, from the last layer to the first. */
  readonly modelRandomisation: readonly RandomisationStep[];
  /** The same with the net of `randomLabels`. */
  readonly labelRandomisation?: number;
}

/** Images measured between two writes of the checkpoint. */
const PIECE = 10;
/** Images that the sanity checks look at. */
const CHECKED = 20;

/**
 * Measures explanations piece by piece, so that all cores are busy and what was interrupted goes on.
 *
 * @throws UsageError, EvaluationError, ModelFileError; the signal's reason once aborted
 */
export async function evaluateExplanations(
  request: ExplanationEvaluationRequest,
  terminal: Terminal,
): Promise<ExplanationEvaluation> {
  const { model, set, rule, seed, reduction, threshold, randomSeed, flags, workers } = request;
  const { signal } = terminal;
  const work = {
    ...{ model: model.name, data: set.name, count: set.count },
    ...{ rule, seed, reduction, threshold, randomSeed, randomLabels: request.randomLabels },
    ...{ method: flags.method, options: flags.set },
  };
  const saved = await SavedResults.open<unknown>(request.checkpoint, work);
  const cm = await openExplained(model, flags, terminal, workers);
  const steps = 1 + Number(request.randomLabels !== undefined);
  const progress = new Progress(terminal, 'explanations', set.count + steps);
  try {
    const settings = { rule, seed, reduction, signal };
    const otherRule: Rule = rule === 'guided' ? 'gradient' : 'guided';
    const pieces = Array.from({ length: Math.ceil(set.count / PIECE) }, (_, i) =>
      Array.from({ length: Math.min(PIECE, set.count - i * PIECE) }, (_, k) => i * PIECE + k),
    );
    const measured = await pMap(
      pieces,
      async (indices) => {
        const result = (await saved.get(`images ${indices[0]} to ${indices.at(-1)}`, () =>
          measureExplanations(cm, model, set, indices, { ...settings, otherRule, threshold, randomSeed }),
        )) as ImageMeasures[];
        progress.advance(indices.length);
        return result;
      },
      { concurrency: imagesAtOnce(workers, flags.method), signal },
    );
    const images = await checkedImages(cm, model, set, signal);
    const randomised = (await saved.get('model randomisation', () =>
      modelRandomisation(cm, model, images, {
        ...settings,
        open: (graph) => openExplained(graph, flags, terminal),
        next: mulberry32(randomSeed),
      }),
    )) as RandomisationStep[];
    progress.advance();
    const labels =
      request.randomLabels && (await checkLabels(cm, request.randomLabels, request, images, saved, terminal));
    return {
      measures: meansOf(measured.flat(), flags.method === undefined),
      modelRandomisation: randomised,
      ...(typeof labels === 'number' && { labelRandomisation: labels }),
    };
  } finally {
    progress.stop();
    await cm.dispose();
  }
}

async function checkLabels(
  cm: ExplainedNet,
  source: string,
  { flags, rule, seed, reduction }: ExplanationEvaluationRequest,
  images: Parameters<typeof labelRandomisation>[2],
  saved: SavedResults<unknown>,
  terminal: Terminal,
): Promise<number> {
  const { signal } = terminal;
  const random = await openExplained(await loadModel(source), flags, terminal);
  try {
    const check = () => labelRandomisation(cm, random, images, { rule, seed, reduction, signal });
    return (await saved.get('label randomisation', check)) as number;
  } finally {
    await random.dispose();
  }
}

async function checkedImages(
  { classCount }: ExplainedNet,
  model: LayerGraph,
  set: LabelledImages,
  signal: AbortSignal,
): Promise<Parameters<typeof labelRandomisation>[2]> {
  const indices = Array.from({ length: Math.min(CHECKED, set.count) }, (_, i) => i);
  const size = model.inputShape.reduce((a, b) => a * b);
  const values = new Float32Array(indices.length * size);
  for await (const batch of inputBatches(set, model, { indices, classCount, signal })) {
    values.set(batch.values, batch.indices[0]! * size);
  }
  return { values, classes: indices.map((i) => set.labels[i]!) };
}

function meansOf(images: readonly ImageMeasures[], byRule: boolean): ExplanationEvaluation['measures'] {
  const names = (Object.keys(MEASURES) as MeasureName[]).filter((name) => byRule || name !== 'ruleChange');
  return Object.fromEntries(names.map((name) => [name, meanOf(images.map((measures) => measures[name]))]));
}

/** One line a measure, with what it says. */
export function printExplanationEvaluation(terminal: Terminal, evaluation: ExplanationEvaluation): void {
  for (const [name, { mean, interval }] of Object.entries(evaluation.measures)) {
    const [low, high] = interval.map((value) => value.toFixed(3));
    const figures = `${mean.toFixed(3)} (95 %: ${low} to ${high})`;
    printLine(terminal, `  ${name.padEnd(18)}${figures.padEnd(32)}${MEASURES[name as MeasureName]}`);
  }
  printLine(
    terminal,
    '  Rank correlation with the maps of a net that lost its weights (Adebayo et al. 2018; near 0 passes):',
  );
  const steps = evaluation.modelRandomisation.map(
    ({ layer, similarity }) => `${layer} ${similarity.toFixed(2)}`,
  );
  printLine(terminal, `    from the last layer to ${steps.join(', ')}`);
  if (evaluation.labelRandomisation === undefined) return;
  printLine(
    terminal,
    `  Rank correlation with the maps of a net that learned random labels: ${evaluation.labelRandomisation.toFixed(2)}`,
  );
}
