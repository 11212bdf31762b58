import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import {
  DEFAULT_REDUCTION,
  GraphPlan,
  REDUCTIONS,
  type Reduction,
  type Rule,
  type Seed,
} from '@clearmaps/deconvnet/graph';
import { compileOnnx, type ForwardType, type OnnxPort } from '@clearmaps/onnx';
import { classNamesOf } from 'clearmaps';
import { type Command, Option } from 'commander';
import { forwardOption } from '../backend-options.ts';
import { parseClassChoice } from '../class-choice.ts';
import { UsageError } from '../errors.ts';
import { loadModel } from '../model-source.ts';
import { OutputFolder } from '../output-folder.ts';
import { addRuleOptions } from '../rule-options.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';

interface ExportFlags {
  readonly model: string;
  readonly labels?: string;
  readonly rule: Rule;
  readonly seed: Seed;
  readonly reduction: Reduction;
  readonly forward: ForwardType;
  readonly classes: string;
  readonly maps: boolean;
  readonly responses: boolean;
  readonly out: string;
  readonly json: boolean;
}

export function exportCommand(program: Command, terminal: Terminal): void {
  addRuleOptions(
    program
      .command('export')
      .description('write CLEAR maps of a model as an .onnx file that any ONNX runtime runs'),
  )
    .addOption(
      new Option('--reduction <reduction>', 'how channels become one number a pixel')
        .choices([...REDUCTIONS])
        .default(DEFAULT_REDUCTION),
    )
    .addOption(forwardOption())
    .option('--classes <list>', 'all, or names and numbers: 3,5', 'all')
    .option('--maps', 'let the file also give each class its own map', false)
    .option('--responses', 'let the file also give each class its response with all channels', false)
    .option('-o, --out <file.onnx>', 'the file to write', 'clear.onnx')
    .option('--json', 'print the result as JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  clearmaps export --model mnist --out clear.onnx
  clearmaps export --model squeezenet/model.json --classes Chihuahua,papillon --rule guided --responses`,
    )
    .action((flags: ExportFlags) => exportModel(flags, terminal));
}

async function exportModel(flags: ExportFlags, terminal: Terminal): Promise<void> {
  const { rule, seed, reduction, forward, maps, responses } = flags;
  const path = resolve(flags.out);
  await refuseFolder(path);
  const model = await loadModel(flags.model, flags.labels);
  const classes = parseClasses(flags.classes, classNamesOf(model, new GraphPlan(model).classCount));
  // Before the work, so that it is not done for nothing.
  const folder = await OutputFolder.open(dirname(path));
  const { bytes, inputs, outputs } = compileOnnx(model, {
    rule,
    seed,
    reduction,
    forward,
    classes,
    maps,
    responses,
  });
  const file = await folder.write(basename(path), bytes);
  if (flags.json) {
    printJson(terminal, {
      file,
      bytes: bytes.length,
      model: model.name,
      rule,
      seed,
      reduction,
      forward,
      classes,
      inputs,
      outputs,
    });
    return;
  }
  printLine(terminal, `${file}  ${(bytes.length / 1e6).toFixed(1)} MB, ${model.name}, ${rule}, ${seed}`);
  for (const port of inputs) printLine(terminal, `  in   ${describe(port)}`);
  for (const port of outputs) printLine(terminal, `  out  ${describe(port)}`);
}

function describe({ name, type, shape, description }: OnnxPort): string {
  return `${name.padEnd(18)} ${`${type} [${shape.join(', ')}]`.padEnd(32)} ${description}`;
}

function parseClasses(text: string, names: readonly string[]): readonly number[] {
  const choice = parseClassChoice(text, names);
  if ('classes' in choice) return choice.classes;
  throw new UsageError({
    asked: '--classes',
    got: text,
    allowed: 'all, or names and numbers: a file has the same classes for every image',
  });
}

async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new UsageError({ asked: '--out', got: `the folder ${path}`, allowed: 'a file, clear.onnx' });
  }
}
