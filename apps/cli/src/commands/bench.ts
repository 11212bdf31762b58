import { createExplainer } from '@clearmaps/deconvnet';
import { dispose, randomUniform, type Tensor4D } from '@tensorflow/tfjs-core';
import { type Command, Option } from 'commander';
import { AutogradBaseline } from '../autograd-baseline.ts';
import { startChosenBackend, TFJS_BACKEND_NAMES } from '../backends.ts';
import { loadModel } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { benchTraining } from '../train-bench.ts';
import { wholeNumber } from '../whole-number.ts';

interface BenchFlags {
  readonly model: string;
  readonly backend: string;
  readonly rounds: string;
  readonly json: boolean;
  readonly train: boolean;
  readonly batch?: string;
  readonly workers: string;
}

/** The fastest of the rounds, milliseconds, and ratios of these: what else a machine does only adds time. */
interface BenchReport {
  readonly model: string;
  readonly backend: string;
  readonly classes: number;
  readonly rounds: number;
  readonly forwardMs: number;
  readonly allClassesMs: number;
  readonly autogradMs: number;
  /** All classes in forward passes; N + 1 would be equal work. */
  readonly allClassesOverForward: number;
  /** How many times faster than one autograd gradient a class. */
  readonly autogradOverAllClasses: number;
}

export function benchCommand(program: Command, terminal: Terminal): void {
  program
    .command('bench')
    .description('time a forward pass, all classes at once, and one autograd gradient a class')
    .option('-m, --model <name|path>', 'bundled model, or path to a model.json', 'mnist')
    .addOption(new Option('--backend <name>', 'where to compute').choices(TFJS_BACKEND_NAMES).default('auto'))
    .option('--rounds <n>', 'how often each is timed; the fastest counts', '30')
    .option('--json', 'print the results as JSON', false)
    .option('--train', 'time training instead: a step against a forward pass, workers against one', false)
    .option('--batch <n>', 'with --train: images a step (default: the preset of the net)')
    .option('--workers <n>', 'with --train: threads to compare with one', '2')
    .addHelpText(
      'after',
      '\nExamples:\n  clearmaps bench --backend wasm --json\n  clearmaps bench --train --rounds 10',
    )
    .action((flags: BenchFlags) => (flags.train ? benchTrain(flags, terminal) : bench(flags, terminal)));
}

async function bench(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const rounds = wholeNumber('--rounds', flags.rounds, 1);
  const model = await loadModel(flags.model);
  const backend = await startChosenBackend(flags.backend);
  const explainer = createExplainer(model);
  const baseline = new AutogradBaseline(model);
  const image = randomUniform([1, ...model.inputShape], 0, 1, 'float32', 1) as Tensor4D;
  const tasks = {
    forward: () => {
      const prediction = explainer.predictTensors(image);
      prediction.logits.dataSync();
      dispose(prediction);
    },
    allClasses: () => {
      const explanation = explainer.explainTensors(image);
      explanation.dominantClass.dataSync();
      explanation.dispose();
    },
    autograd: () => baseline.gradients(image, explainer.classCount),
  };
  const times = { forward: [], allClasses: [], autograd: [] } as Record<keyof typeof tasks, number[]>;
  const progress = new Progress(terminal, 'bench', rounds);
  try {
    for (const task of Object.values(tasks)) task();
    // Round by round, so that whatever else the machine does hits all three alike.
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(tasks) as (keyof typeof tasks)[]) {
        times[name].push(milliseconds(tasks[name]));
      }
      progress.advance();
      await new Promise((resolve) => setImmediate(resolve));
      terminal.signal.throwIfAborted();
    }
  } finally {
    progress.stop();
    image.dispose();
    baseline.dispose();
    explainer.dispose();
  }
  const forwardMs = fastest(times.forward);
  const allClassesMs = fastest(times.allClasses);
  const autogradMs = fastest(times.autograd);
  const report: BenchReport = {
    model: model.name,
    backend,
    classes: explainer.classCount,
    rounds,
    forwardMs,
    allClassesMs,
    autogradMs,
    allClassesOverForward: allClassesMs / forwardMs,
    autogradOverAllClasses: autogradMs / allClassesMs,
  };
  if (flags.json) return printJson(terminal, report);
  const { classes, allClassesOverForward, autogradOverAllClasses } = report;
  printLine(terminal, `${model.name} on ${backend}, fastest of ${rounds} rounds`);
  printLine(terminal, `  one forward pass          ${forwardMs.toFixed(2)} ms`);
  printLine(
    terminal,
    `  all ${classes} classes            ${allClassesMs.toFixed(2)} ms, ${allClassesOverForward.toFixed(1)} forward passes (equal work: ${classes + 1})`,
  );
  printLine(
    terminal,
    `  ${classes} autograd gradients     ${autogradMs.toFixed(2)} ms, ${autogradOverAllClasses.toFixed(1)} times as long as all classes`,
  );
}

async function benchTrain(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const rounds = wholeNumber('--rounds', flags.rounds, 1);
  const workers = wholeNumber('--workers', flags.workers, 2);
  const batch = flags.batch === undefined ? undefined : wholeNumber('--batch', flags.batch, 1);
  const model = await loadModel(flags.model);
  const backend = await startChosenBackend(flags.backend);
  const report = await benchTraining({ model, backend, batch, workers, rounds }, terminal);
  if (flags.json) return printJson(terminal, report);
  const { forwardMs, stepMs, stepOverForward, imagesPerSecond, workersOverOne } = report;
  const lines = [
    `${model.name} on ${backend}, ${report.batch} images a step, fastest of ${rounds} rounds`,
    `  forward pass              ${forwardMs.toFixed(2)} ms`,
    `  training step             ${stepMs.toFixed(2)} ms, ${stepOverForward.toFixed(1)} forward passes`,
    `  one worker                ${imagesPerSecond.oneWorker.toFixed(0)} images/s`,
    `  ${workers} workers                 ${imagesPerSecond.workers.toFixed(0)} images/s, ${workersOverOne.toFixed(2)} times one worker`,
  ];
  for (const line of lines) printLine(terminal, line);
}

function milliseconds(task: () => void): number {
  const start = performance.now();
  task();
  return performance.now() - start;
}

function fastest(values: readonly number[]): number {
  return Math.min(...values);
}
