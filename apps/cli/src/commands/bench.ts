import { availableParallelism, cpus } from 'node:os';
import { METHOD_NAMES, type MethodName } from '@clearmaps/methods';
import type { ForwardType } from '@clearmaps/onnx';
import { type Command, Option } from 'commander';
import { forwardOption } from '../backend-options.ts';
import { EACH_BACKEND, openChosen, openPooled, startChosenBackend } from '../backends.ts';
import { benchNet } from '../bench/bench-net.ts';
import { benchMethod, type MethodBench } from '../bench/method-bench.ts';
import { type BenchNet, modelNet, PAPER_NET_NAMES, paperNet } from '../bench/nets.ts';
import { benchAgainstPyTorch, PYTORCH_RULES, type PyTorchReport } from '../bench/pytorch-bench.ts';
import { printPyTorchReport } from '../bench/pytorch-report.ts';
import { type NetReport, netReport, printNetReport } from '../bench/report.ts';
import { NATIVE_IN_FLOAT64 } from '../bench/subject.ts';
import { chosenNames } from '../chosen-names.ts';
import { UsageError } from '../errors.ts';
import { loadModel, MODEL_HELP } from '../model-source.ts';
import { Progress } from '../progress.ts';
import { networkInput, referenceSet } from '../reference-images.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';
import { benchTraining } from '../train-bench.ts';
import { wholeNumber } from '../whole-number.ts';

interface BenchFlags {
  readonly nets: string;
  readonly model?: string;
  readonly backend?: string;
  readonly forward: ForwardType;
  readonly rounds: string;
  readonly seconds: string;
  readonly json: boolean;
  readonly train: boolean;
  readonly method?: MethodName;
  readonly againstPytorch?: string | true;
  readonly rule: (typeof PYTORCH_RULES)[number];
  readonly threads?: string;
  readonly batch?: string;
  readonly workers: string;
}

export function benchCommand(program: Command, terminal: Terminal): void {
  program
    .command('bench')
    .description('time the nets of the paper on each backend: forward, all classes at once, autograd, memory')
    .option(
      '--nets <names>',
      `of ${PAPER_NET_NAMES.join(', ')}, with commas between`,
      PAPER_NET_NAMES.join(','),
    )
    .option('-m, --model <name|path>', `another net: ${MODEL_HELP}`)
    .option('--backend <names>', `of ${EACH_BACKEND.join(', ')}, with commas between (default: all)`)
    .addOption(forwardOption('; times native so, too'))
    .option('--rounds <n>', 'how often each is timed at most; the fastest counts', '30')
    .option('--seconds <n>', 'of each figure, after which it has no further round', '5')
    .option('--json', 'print the results as JSON', false)
    .option('--train', 'time training instead: a step against a forward pass, workers against one', false)
    .addOption(
      new Option(
        '--method <name>',
        'time a method on one image instead, against one window at a time',
      ).choices([...METHOD_NAMES]),
    )
    .option(
      '--against-pytorch [python]',
      'time all classes against PyTorch instead, in an interpreter that has it (default: python3)',
    )
    .addOption(
      new Option('--rule <rule>', 'with --against-pytorch: one of those that Captum has')
        .choices(PYTORCH_RULES)
        .default('guided'),
    )
    .option('--threads <n>', 'with --against-pytorch: of PyTorch and native (default: one a core)')
    .option('--batch <n>', 'with --train: images a step (default: the preset of the net)')
    .option('--workers <n>', 'with --train or --method: threads to compare with one', '2')
    .addHelpText(
      'after',
      '\nExamples:\n  clearmaps bench\n  clearmaps bench --nets table2,table3 --backend native,wasm --json\n' +
        '  clearmaps bench --train --rounds 10\n  clearmaps bench --method occlusion --rounds 3\n' +
        '  clearmaps bench --against-pytorch python3 --nets table2\n\n' +
        'Rounds are printed for the convolution, the forward pass, all classes and the gradient. ' +
        'What would take longer than half a minute once is left out, and said so.\n' +
        'docs/performance.md explains the columns.',
    )
    .action((flags: BenchFlags) => {
      if (flags.method !== undefined) return benchOfMethod(flags.method, flags, terminal);
      if (flags.againstPytorch !== undefined) return benchPyTorch(flags.againstPytorch, flags, terminal);
      return flags.train ? benchTrain(flags, terminal) : bench(flags, terminal);
    });
}

async function bench(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const backends = chosenNames('--backend', flags.backend ?? EACH_BACKEND.join(), EACH_BACKEND);
  const options = {
    backends: flags.forward === 'float64' ? withFloat64(backends) : backends,
    rounds: wholeNumber('--rounds', flags.rounds, 1),
    seconds: wholeNumber('--seconds', flags.seconds, 1),
  };
  await reportOnNets<NetReport>(flags, options, terminal, {
    measure: async (net) => netReport(net, await benchNet(net, options, terminal)),
    print: printNetReport,
  });
}

/** @throws UsageError where native is not among them */
function withFloat64(backends: readonly string[]): string[] {
  if (!backends.includes('native'))
    throw new UsageError({
      asked: '--forward float64',
      got: `--backend ${backends.join()}, which compute in float32 alone`,
      allowed: '--backend native, with others or alone',
    });
  return backends.flatMap((name) => (name === 'native' ? [name, NATIVE_IN_FLOAT64] : [name]));
}

async function benchPyTorch(python: string | true, flags: BenchFlags, terminal: Terminal): Promise<void> {
  const options = {
    python: python === true ? 'python3' : python,
    rule: flags.rule,
    backends: chosenNames('--backend', flags.backend ?? 'native,wasm', EACH_BACKEND),
    threads:
      flags.threads === undefined ? availableParallelism() : wholeNumber('--threads', flags.threads, 1),
    rounds: wholeNumber('--rounds', flags.rounds, 1),
    seconds: wholeNumber('--seconds', flags.seconds, 1),
  };
  if (!flags.json) printLine(terminal, `rule ${options.rule}, unit seeds, threads: ${options.threads}`);
  await reportOnNets<PyTorchReport>(flags, options, terminal, {
    measure: (net) => benchAgainstPyTorch(net, options, terminal),
    print: printPyTorchReport,
  });
}

/** One report a chosen net, each printed once it is there, or all of them as JSON. */
async function reportOnNets<R>(
  flags: BenchFlags,
  options: { readonly rounds: number; readonly seconds: number },
  terminal: Terminal,
  { measure, print }: { measure(net: BenchNet): Promise<R>; print(terminal: Terminal, report: R): void },
): Promise<void> {
  const names = chosenNames('--nets', flags.nets, PAPER_NET_NAMES);
  const machine = {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
  };
  if (!flags.json) {
    const { node, platform, cpu, cores } = machine;
    printLine(terminal, `${cpu}, ${cores} cores, ${platform}, Node ${node}`);
    printLine(terminal, `fastest of ${options.rounds} rounds, or as many as ${options.seconds} s hold\n`);
  }
  const nets: R[] = [];
  for (const net of flags.model === undefined ? names : [flags.model]) {
    const reading = new Progress(terminal, `read ${net}`, 1);
    const read = async (): Promise<BenchNet> => {
      const there = flags.model === undefined ? paperNet(net) : await modelNet(net);
      reading.advance();
      return there;
    };
    const report = await measure(await read().finally(() => reading.stop()));
    if (!flags.json) print(terminal, report);
    nets.push(report);
  }
  if (flags.json) printJson(terminal, { machine, ...options, nets });
}

async function benchOfMethod(method: MethodName, flags: BenchFlags, terminal: Terminal): Promise<void> {
  const backends = chosenNames('--backend', flags.backend ?? 'native,wasm', EACH_BACKEND);
  const rounds = wholeNumber('--rounds', flags.rounds, 1);
  const seconds = wholeNumber('--seconds', flags.seconds, 1);
  const workers = wholeNumber('--workers', flags.workers, 1);
  const model = await loadModel(flags.model ?? 'mnist');
  const set = await referenceSet(
    model,
    { model: flags.model ?? 'mnist', why: 'bench --method' },
    terminal.signal,
  );
  const reference = networkInput(model, set);
  const image = networkInput(model, set, 1);
  const results: MethodBench[] = [];
  for (const backend of backends) {
    const progress = new Progress(terminal, `bench ${method} on ${backend}`, rounds, 'warming up');
    const measured = async (): Promise<MethodBench> => {
      const cm = await openChosen(model, { backend });
      const pooled = await openPooled(model, backend, workers);
      try {
        return await benchMethod({
          ...{ method, backend, cm, pooled, image, reference, options: {}, rounds, seconds },
          signal: terminal.signal,
          onRound: () => progress.advance(1, 'timing'),
        });
      } finally {
        await cm.dispose();
        await pooled?.dispose();
      }
    };
    const result = await measured().finally(() => progress.stop());
    results.push(result);
    if (flags.json) continue;
    const line = (name: string, ms: number): void =>
      printLine(
        terminal,
        `  ${name.padEnd(38)} ${ms.toFixed(0).padStart(8)} ms ${(result.oneWindowMs / ms).toFixed(1).padStart(6)} x`,
      );
    printLine(
      terminal,
      `${method} of one image of ${model.name} on ${backend}: ${result.computed} of ${result.variants} variants ` +
        `computed, ${result.unchanged} unchanged, ` +
        `${result.variants - result.computed - result.unchanged} the same as another; ` +
        `windows reach ${(100 * result.reached).toFixed(1)} % of the multiply-adds`,
    );
    line('one window and one class at a time', result.oneWindowOneClassMs);
    line('one window at a time, all classes', result.oneWindowMs);
    line('batches of whole images', result.wholeImagesMs);
    line('batches of what windows change', result.ms);
    if (result.pooledMs !== undefined) line(`the same on a pool of ${workers} threads`, result.pooledMs);
  }
  if (flags.json) printJson(terminal, results);
}

async function benchTrain(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const rounds = wholeNumber('--rounds', flags.rounds, 1);
  const workers = wholeNumber('--workers', flags.workers, 2);
  const batch = flags.batch === undefined ? undefined : wholeNumber('--batch', flags.batch, 1);
  const model = await loadModel(flags.model ?? 'mnist');
  const backend = await startChosenBackend(flags.backend ?? 'auto');
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
