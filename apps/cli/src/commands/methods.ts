import { allowedValues, METHOD_NAMES, METHODS, type Method, type MethodName } from '@clearmaps/methods';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';

export function methodsCommand(program: Command, terminal: Terminal): void {
  program
    .command('methods')
    .description('list the response methods: paper, cost, and what each promises')
    .argument('[name]', 'only this one, with its options')
    .option('--json', 'print all of it as JSON', false)
    .addHelpText('after', '\nExamples:\n  clearmaps methods\n  clearmaps methods occlusion')
    .action((name: string | undefined, { json }: { json: boolean }) => {
      if (name !== undefined && !Object.hasOwn(METHODS, name)) {
        throw new UsageError({ asked: 'methods', got: `"${name}"`, allowed: METHOD_NAMES.join(', ') });
      }
      const names = name === undefined ? METHOD_NAMES : [name as MethodName];
      if (json) {
        const about = ({ family, paper, promises, cost, fails, options }: Method) => ({
          family,
          paper,
          promises,
          cost,
          fails,
          options,
        });
        printJson(terminal, Object.fromEntries(names.map((each) => [each, about(METHODS[each])])));
      } else if (name === undefined) {
        list(terminal);
      } else {
        describe(name as MethodName, terminal);
      }
    });
}

function list(terminal: Terminal): void {
  const width = Math.max(...METHOD_NAMES.map(({ length }) => length)) + 2;
  for (const name of METHOD_NAMES) {
    const { paper, promises, cost } = METHODS[name];
    printLine(terminal, `${name.padEnd(width)}${promises}`);
    printLine(terminal, `${''.padEnd(width)}${paper}`);
    printLine(terminal, `${''.padEnd(width)}cost: ${cost}\n`);
  }
  printLine(terminal, '`clearmaps methods NAME` lists its options; docs/methods.md compares them.');
}

function describe(name: MethodName, terminal: Terminal): void {
  const { family, paper, promises, cost, fails, options }: Method = METHODS[name];
  printLine(terminal, `${name}: ${promises}`);
  printLine(terminal, `  family ${family}`);
  printLine(terminal, `  paper  ${paper}`);
  printLine(terminal, `  cost   ${cost}`);
  printLine(terminal, `  fails  ${fails}`);
  for (const [option, about] of Object.entries(options)) {
    const unlessTold = about.value ?? about.unlessTold;
    printLine(
      terminal,
      `  --set ${option}=...  ${about.help}: ${allowedValues(about)}; default ${unlessTold}`,
    );
  }
}
