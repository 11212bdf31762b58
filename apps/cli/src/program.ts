import { createRequire } from 'node:module';
import { Command, Help } from 'commander';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const described = new Help();
/** What an option says that need not be said: a flag is off, a list is empty. */
const EMPTY_DEFAULT = / \(default: (?:false|\[\])\)$/;

type AddCommand = (program: Command, terminal: Terminal, exitWith: (code: number) => void) => void;

/**
 * Adding a command is one file in commands/ and one row here, in the order of the help. One that is asked for is
 * loaded alone, since each brings libraries of its own.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  gallery: async () => (await import('./commands/gallery.ts')).galleryCommand,
  methods: async () => (await import('./commands/methods.ts')).methodsCommand,
  'contact-sheet': async () => (await import('./commands/contact-sheet.ts')).contactSheetCommand,
  unit: async () => (await import('./commands/unit.ts')).unitCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  reproduce: async () => (await import('./commands/reproduce.ts')).reproduceCommand,
  train: async () => (await import('./commands/train.ts')).trainCommand,
  data: async () => (await import('./commands/data.ts')).dataCommand,
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand,
  models: async () => (await import('./commands/models.ts')).modelsCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
};

/** @param argv what was typed: one command's name, or anything else for all of them */
export async function buildProgram(
  argv: readonly string[],
  terminal: Terminal,
  exitWith: (code: number) => void,
): Promise<Command> {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('clearmaps')
    .description('CLEAR maps: where a convolutional classifier looked, how strongly, and for which class')
    .version(version)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .configureHelp({
      optionDescription: (option) => described.optionDescription(option).replace(EMPTY_DEFAULT, ''),
    })
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  clearmaps explain mnist:0 mnist:7 --out maps
  clearmaps gallery --out maps
  clearmaps inspect resnet18.onnx
  clearmaps evaluate --model mnist --data path/to/mnist --json
  clearmaps doctor
  clearmaps verify --backend cpu

${EXIT_CODES_HELP}`,
    );
  const asked = argv.find((word) => !word.startsWith('-'));
  const all = Object.entries(COMMANDS);
  const wanted = all.filter(([name]) => name === asked);
  for (const [, load] of wanted.length > 0 ? wanted : all) (await load())(program, terminal, exitWith);
  finish(program, 'clearmaps');
  return program;
}

/** What every command has, at any depth: `--debug`, as people write it last, and help that speaks of it alone. */
function finish(command: Command, path: string): void {
  command
    .option('--debug', 'show stack traces', false)
    .showHelpAfterError(`(${path} --help shows what there is)`);
  for (const part of command.commands) finish(part, `${path} ${part.name()}`);
}
