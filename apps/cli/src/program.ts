import { createRequire } from 'node:module';
import { Command, Help } from 'commander';
import { benchCommand } from './commands/bench.ts';
import { contactSheetCommand } from './commands/contact-sheet.ts';
import { dataCommand } from './commands/data.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { explainCommand } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { galleryCommand } from './commands/gallery.ts';
import { inspectCommand } from './commands/inspect.ts';
import { methodsCommand } from './commands/methods.ts';
import { modelsCommand } from './commands/models.ts';
import { reproduceCommand } from './commands/reproduce.ts';
import { trainCommand } from './commands/train.ts';
import { unitCommand } from './commands/unit.ts';
import { verifyCommand } from './commands/verify.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const described = new Help();
/** What an option says that need not be said: a flag is off, a list is empty. */
const EMPTY_DEFAULT = / \(default: (?:false|\[\])\)$/;

/** Adding a command is one file in commands/ and one line here. */
export function buildProgram(terminal: Terminal, exitWith: (code: number) => void): Command {
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
  explainCommand(program, terminal);
  galleryCommand(program, terminal);
  methodsCommand(program, terminal);
  contactSheetCommand(program, terminal);
  unitCommand(program, terminal);
  evaluateCommand(program, terminal);
  reproduceCommand(program, terminal);
  trainCommand(program, terminal);
  dataCommand(program, terminal);
  inspectCommand(program, terminal);
  modelsCommand(program, terminal);
  exportCommand(program, terminal);
  doctorCommand(program, terminal, exitWith);
  verifyCommand(program, terminal, exitWith);
  benchCommand(program, terminal);
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
