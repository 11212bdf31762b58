import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { npyBytes } from '@clearmaps/datasets';
import type { ExplainOptions } from '@clearmaps/deconvnet/graph';
import { writeLayersModel } from '@clearmaps/models/node';
import { mulberry32 } from '@clearmaps/random';
import { setBackend } from '@tensorflow/tfjs-core';
import { type Clearmaps, createClearmaps } from 'clearmaps';
import { native } from 'clearmaps/node';
import { chooseBackends, runsOnTfjs } from '../backends.ts';
import { UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import { PyTorchProcess } from '../pytorch-process.ts';
import type { Terminal } from '../terminal.ts';
import type { BenchNet } from './nets.ts';
import { type TimedTask, timeInRounds } from './rounds.ts';

/** Those that Captum has, as Deconvolution and GuidedBackprop. */
export const PYTORCH_RULES = ['guided', 'deconvnet'] as const;

/**
 * Responses that differ by more are not the same responses. In a deep net rounding decides, here and there, which of
 * two nearly equal values is a window's maximum and on which side of 0 a ReLU stands: single pixels then differ by
 * some percent of the largest, and all of them together by less than a thousandth (Table 4).
 */
const TOLERANCE = 1e-2;

/** Milliseconds: the threads of both engines go on spinning for a while after their work. */
const PAUSE = 50;
/** Runs that warm caches and threads up after the others' turns, where they are short. */
const WARM_UPS = 2;
/** Milliseconds. */
const SHORT = 500;

export interface PyTorchBenchOptions {
  readonly python: string;
  readonly rule: (typeof PYTORCH_RULES)[number];
  readonly backends: readonly string[];
  /** Of PyTorch and of the native engine. */
  readonly threads: number;
  readonly rounds: number;
  readonly seconds: number;
}

export interface PyTorchRow {
  /** A backend, or a way of PyTorch. */
  readonly name: string;
  readonly title: string;
  readonly engine: 'clearmaps' | 'pytorch';
  readonly ms: number;
  readonly rounds: number;
  /** From the responses of the first backend: Euclidean norm of the difference over that of the responses. */
  readonly difference: number;
  /** Its time over that of each backend. */
  readonly over: Readonly<Record<string, number>>;
}

export interface PyTorchReport {
  readonly net: string;
  readonly title: string;
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly torch: string;
  readonly oneDnn: boolean;
  readonly rows: readonly PyTorchRow[];
}

/**
 * Times the responses of all classes to one image, here and in PyTorch, round by round in one run.
 *
 * @throws UsageError where PyTorch is missing, cannot read the net, or answers something else; BackendError; the
 *   signal's reason
 */
export async function benchAgainstPyTorch(
  { name, title, graph }: BenchNet,
  options: PyTorchBenchOptions,
  terminal: Terminal,
): Promise<PyTorchReport> {
  const { python, rule, backends, threads, rounds, seconds } = options;
  const { signal } = terminal;
  const folder = await mkdtemp(join(tmpdir(), 'clearmaps-pytorch-'));
  const opened: Clearmaps[] = [];
  let pytorch: PyTorchProcess | undefined;
  const progress = new Progress(terminal, `bench ${name}`, rounds);
  try {
    const next = mulberry32(0);
    const image = Float32Array.from(
      { length: graph.inputShape.reduce((a, b) => a * b) },
      () => next() / 2 ** 32,
    );
    // A class score's gradient is what the way back makes of ones, over their number.
    const explain: ExplainOptions = { rule, seed: 'unit' };
    const found: Float32Array[] = [];
    for (const backend of backends) {
      const cm = await createClearmaps({
        model: graph,
        backends: backend === 'native' ? [native({ threads })] : chooseBackends({ backend }),
      });
      opened.push(cm);
      found.push((await cm.explain(image, { ...explain, responses: true, signal })).responses!);
      await cm.explain(image, { ...explain, signal });
    }
    const [expected] = found;
    const classes = opened[0]!.classCount;
    await writeLayersModel(graph, folder);
    await writeFile(join(folder, 'image.npy'), npyBytes(image, [1, ...graph.inputShape]));
    await writeFile(join(folder, 'responses.npy'), npyBytes(expected!, [classes, ...graph.inputShape]));
    const there = await PyTorchProcess.open({ python, folder, rule, signal });
    pytorch = there;

    const differences = found.map((responses) => differenceOf(responses, expected!));
    for (const { way } of there.ways) differences.push(await there.difference(way));
    const names = [...backends, ...there.ways.map(({ way }) => way)];
    refuseDifferent(names, differences, python);

    const tasks = [
      ...opened.map((cm, i) =>
        inTurn(
          async () => {
            const start = performance.now();
            await cm.explain(image, explain);
            return performance.now() - start;
          },
          async () => {
            if (runsOnTfjs(backends[i]!)) await setBackend(backends[i]!);
          },
        ),
      ),
      ...there.ways.map(({ way }) => inTurn(() => there.run(way, threads))),
    ];
    const timings = await timeInRounds(tasks, { rounds, seconds, signal, onRound: () => progress.advance() });
    return {
      net: name,
      title,
      inputShape: graph.inputShape,
      classes,
      torch: there.version,
      oneDnn: there.oneDnn,
      rows: names.map((row, i) => ({
        name: row,
        title: there.ways.find(({ way }) => way === row)?.title ?? row,
        engine: i < backends.length ? 'clearmaps' : 'pytorch',
        ...timings[i]!,
        difference: differences[i]!,
        over: Object.fromEntries(backends.map((backend, b) => [backend, timings[i]!.ms / timings[b]!.ms])),
      })),
    };
  } finally {
    progress.stop();
    pytorch?.close();
    for (const cm of opened) await cm.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param run gives its milliseconds, by whichever clock is nearest */
function inTurn(run: () => Promise<number>, activate?: () => Promise<void>): TimedTask {
  let ms = 0;
  const once = async () => {
    ms = await run();
  };
  return {
    async prepare() {
      await activate?.();
      await pause(PAUSE);
      for (let i = 0; i < WARM_UPS && ms < SHORT; i++) await once();
    },
    run: once,
    milliseconds: () => ms,
  };
}

function differenceOf(found: Float32Array, expected: Float32Array): number {
  let [squares, difference] = [0, 0];
  for (const [i, value] of expected.entries()) {
    squares += value ** 2;
    difference += (found[i]! - value) ** 2;
  }
  return Math.sqrt(difference / squares);
}

function refuseDifferent(names: readonly string[], differences: readonly number[], python: string): void {
  const wrong = differences.findIndex((difference) => !(difference <= TOLERANCE));
  if (wrong < 0) return;
  throw new UsageError({
    asked: `--against-pytorch ${python}: the same responses from ${names[wrong]} as from ${names[0]}`,
    got: `responses that are off by ${differences[wrong]!.toExponential(1)} of their norm`,
    allowed: `at most ${TOLERANCE}`,
    remedy: 'Times of different work cannot be compared: please report it, with the model.',
  });
}
