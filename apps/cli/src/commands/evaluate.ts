import { availableParallelism } from 'node:os';
import type { LabelledImages } from '@clearmaps/datasets';
import {
  DEFAULT_REDUCTION,
  DEFAULT_SEED,
  type LayerGraph,
  REDUCTIONS,
  type Reduction,
  type Rule,
  SEEDS,
  type Seed,
} from '@clearmaps/deconvnet/graph';
import { DEFAULT_THRESHOLD } from '@clearmaps/evaluation';
import { imageChangesFor, measureRobustness, type RobustnessResult } from '@clearmaps/training';
import { classNamesOf } from 'clearmaps';
import { type Command, Option } from 'commander';
import { addBackendOptions } from '../backend-options.ts';
import { type BackendChoice, openChosen } from '../backends.ts';
import { addDataOptions } from '../data-options.ts';
import { UsageError } from '../errors.ts';
import { type EvaluationFlags, evaluationImages, UNSEEN } from '../evaluation-images.ts';
import { evaluateExplanations, printExplanationEvaluation } from '../explanation-evaluation.ts';
import { addMethodOptions, checkMethodFlags, type MethodFlags } from '../method-choice.ts';
import { loadModel, MODEL_HELP } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { printRobustness } from '../robustness-table.ts';
import { ruleOption } from '../rule-options.ts';
import { scoreImages } from '../score-images.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { toldFlag } from '../told-flag.ts';
import { wholeNumber } from '../whole-number.ts';

interface EvaluateFlags extends EvaluationFlags, BackendChoice, Pick<MethodFlags, 'method' | 'set'> {
  readonly robustness: boolean;
  readonly explanations: boolean;
  readonly rule: Rule;
  readonly responseSeed: Seed;
  readonly reduction?: Reduction;
  readonly randomLabels?: string;
  readonly workers: string;
  readonly checkpoint?: string;
  readonly seed: string;
  readonly json: boolean;
}

/** What is of no use without `--explanations`. */
const OF_EXPLANATIONS = [
  '--method',
  '--rule',
  '--response-seed',
  '--reduction',
  '--random-labels',
  '--workers',
  '--checkpoint',
];

export function evaluateCommand(program: Command, terminal: Terminal): void {
  const evaluateOf = addDataOptions(
    program
      .command('evaluate')
      .description('measure the accuracy of a model, or with --explanations what its maps are worth')
      .option('-m, --model <name|path>', MODEL_HELP, 'mnist'),
  );
  addBackendOptions(addMethodOptions(evaluateOf))
    .option(
      '--robustness',
      'measure also on pictures that are shifted, turned, resized, in other light, noisy',
      false,
    )
    .option('--seed <n>', 'of the noise of --robustness and of the random draws of --explanations', '1')
    .option(
      '--explanations',
      'measure explanations: deletion, insertion, pixel flipping, sparsity, sensitivity, classes, sanity checks',
      false,
    )
    .addOption(ruleOption('of --explanations: '))
    .addOption(
      new Option('--response-seed <seed>', 'of --explanations: what the way back starts from')
        .choices([...SEEDS])
        .default(DEFAULT_SEED),
    )
    .addOption(
      new Option(
        '--reduction <how>',
        `of --explanations: how colours become one number a pixel; default ${DEFAULT_REDUCTION}, or what the method has`,
      ).choices([...REDUCTIONS]),
    )
    .option(
      '--random-labels <path>',
      'of --explanations: a model that `train --shuffle-labels` made, for the check with random labels',
    )
    .option('--workers <n>', 'of --explanations: pieces under way at a time', String(availableParallelism()))
    .option('--checkpoint <file>', 'of --explanations: keep results there, and go on from it')
    .option(
      '--json',
      'print JSON: { accuracy, count, confusion, robustness }, with confusion[true][predicted]; with --explanations { model, data, count, rule, seed, reduction, threshold, measures, modelRandomisation, labelRandomisation }, with --method method and options in place of rule and seed',
      false,
    )
    .addHelpText(
      'after',
      `
Examples:
  clearmaps evaluate --model mnist --data path/to/mnist --part t10k --json
  clearmaps evaluate --model mnist --data ${UNSEEN} --robustness
  clearmaps evaluate --model mnist --data ${UNSEEN} --explanations --rule guided --checkpoint guided.json
  clearmaps evaluate --model my-mnist --data path/to/mnist --part train --held-out`,
    )
    .action((flags: EvaluateFlags, command: Command) => {
      checkMethodFlags(flags, command, ['--rule', '--response-seed']);
      const idle = flags.explanations ? undefined : toldFlag(command, OF_EXPLANATIONS);
      if (idle !== undefined) {
        throw new UsageError({
          asked: `evaluate ${idle}`,
          got: 'no --explanations',
          remedy: `Add --explanations, or leave ${idle} away: it says how explanations are measured.`,
        });
      }
      if (flags.explanations && flags.robustness) {
        throw new UsageError({
          asked: 'evaluate --robustness',
          got: '--explanations beside it',
          remedy: 'The one measures decisions, the other maps: run evaluate once for each.',
        });
      }
      return evaluate(flags, terminal);
    });
}

async function evaluate(flags: EvaluateFlags, terminal: Terminal): Promise<void> {
  const seed = wholeNumber('--seed', flags.seed);
  const model = await loadModel(flags.model);
  const { signal } = terminal;
  const set = await evaluationImages(model, flags, signal);
  if (flags.explanations) return explanations(flags, { model, set, randomSeed: seed }, terminal);
  const cm = await openChosen(model, flags);
  const names = classNamesOf(model, cm.classCount);
  const confusion = names.map(() => names.map(() => 0));
  const decide = (images: LabelledImages) => scoreImages(cm, images, allOf(images), signal);
  const countRight = async (images: LabelledImages): Promise<number> => {
    let right = 0;
    for await (const decisions of decide(images)) {
      right += decisions.filter(({ trueClass, predicted }) => trueClass === predicted).length;
    }
    return right;
  };
  let robustness: readonly RobustnessResult[] | undefined;
  let progress = new Progress(terminal, 'evaluate', set.count);
  try {
    for await (const decisions of decide(set)) {
      for (const { trueClass, predicted } of decisions) confusion[trueClass]![predicted]!++;
      progress.advance(decisions.length);
    }
    if (flags.robustness) {
      progress.stop();
      const changes = imageChangesFor(set);
      progress = new Progress(terminal, 'changed pictures', changes.length * set.count);
      robustness = await measureRobustness(set, countRight, {
        changes,
        seed,
        signal,
        onProgress: (done) => progress.reach(done),
      });
    }
  } finally {
    progress.stop();
    await cm.dispose();
  }
  const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  const accuracy = right / set.count;
  if (flags.json) return printJson(terminal, { accuracy, count: set.count, confusion, robustness });
  printLine(terminal, `${model.name} on ${set.name}: ${(100 * accuracy).toFixed(2)} % of ${set.count} right`);
  for (const [i, row] of confusion.entries()) {
    const total = row.reduce((a, b) => a + b, 0);
    if (total === 0) continue;
    const errors = row
      .map((count, predicted) => ({ count, predicted }))
      .filter(({ count, predicted }) => predicted !== i && count > 0)
      .sort((a, b) => b.count - a.count)
      .slice(0, 3)
      .map(({ count, predicted }) => `${names[predicted]} (${count})`);
    const taken = errors.length > 0 ? `, most often taken for ${errors.join(', ')}` : '';
    printLine(terminal, `  ${names[i]}: ${((100 * row[i]!) / total).toFixed(2)} % of ${total}${taken}`);
  }
  if (robustness) printRobustness(terminal, robustness);
}

function allOf({ count }: LabelledImages): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

async function explanations(
  flags: EvaluateFlags,
  measured: { readonly model: LayerGraph; readonly set: LabelledImages; readonly randomSeed: number },
  terminal: Terminal,
): Promise<void> {
  const { rule, responseSeed, method, set: options, checkpoint, randomLabels, json } = flags;
  const { reduction = method === undefined ? DEFAULT_REDUCTION : undefined } = flags;
  const way = method === undefined ? { rule, seed: responseSeed } : { method, options };
  const settings = { ...way, reduction, threshold: DEFAULT_THRESHOLD };
  const evaluation = await evaluateExplanations(
    {
      ...measured,
      rule,
      seed: responseSeed,
      reduction,
      threshold: DEFAULT_THRESHOLD,
      flags,
      checkpoint,
      randomLabels,
      workers: wholeNumber('--workers', flags.workers, 1),
    },
    terminal,
  );
  const { model, set } = measured;
  if (json) {
    return printJson(terminal, {
      model: model.name,
      data: set.name,
      count: set.count,
      ...settings,
      ...evaluation,
    });
  }
  const how =
    method === undefined
      ? `rule ${rule}, seed ${responseSeed}, reduction ${reduction}`
      : ['method', method, ...options].join(' ');
  printLine(terminal, `${model.name} on ${set.count} images of ${set.name}, ${how}`);
  printExplanationEvaluation(terminal, evaluation);
}
