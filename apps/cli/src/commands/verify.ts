import type { GoldenCase } from '@clearmaps/models';
import { type Backend, firstOf } from 'clearmaps';
import { VERIFY_TOLERANCE, type Verification, verifyGoldenCase } from 'clearmaps/verify';
import type { Command } from 'commander';
import { addBackendOptions } from '../backend-options.ts';
import { type BackendChoice, chooseBackends } from '../backends.ts';
import { EXIT } from '../exit-codes.ts';
import { bundledCases, readGoldenCases } from '../golden-cases.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';

interface VerifyFlags extends BackendChoice {
  readonly json: boolean;
}

export function verifyCommand(program: Command, terminal: Terminal, exitWith: (code: number) => void): void {
  addBackendOptions(
    program
      .command('verify')
      .description('check this machine against known answers')
      .argument('[folder]', 'golden cases, one .json file each (default: the set that comes along)'),
  )
    .option('--json', 'print the results as JSON', false)
    .addHelpText('after', '\nExamples:\n  clearmaps verify\n  clearmaps verify golden --backend cpu --json')
    .action(async (folder: string | undefined, flags: VerifyFlags) => {
      if (!(await verify(folder ?? bundledCases(), flags, terminal))) exitWith(EXIT.verificationFailed);
    });
}

async function verify(folder: string, flags: VerifyFlags, terminal: Terminal): Promise<boolean> {
  const cases = await readGoldenCases(folder);
  const backend = await firstThatServes(cases[0]!, flags);
  const results: Verification[] = [];
  for (const golden of cases) {
    terminal.signal.throwIfAborted();
    results.push(await verifyGoldenCase(golden, backend));
  }
  const passed = results.every((result) => result.passed);
  if (flags.json) {
    printJson(terminal, { backend: backend.name, tolerance: VERIFY_TOLERANCE, passed, cases: results });
    return passed;
  }
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, worstRelativeError, worstAnswer, wrongDominantClasses, checked, ...result } of results) {
    const dominant = wrongDominantClasses === 0 ? '' : `, ${wrongDominantClasses} dominant classes wrong`;
    const error = worstRelativeError.toExponential(1);
    printLine(
      terminal,
      `${result.passed ? 'ok  ' : 'FAIL'} ${name.padEnd(width)}  ${error} (${worstAnswer}), ${checked} answers${dominant}`,
    );
  }
  const count = results.filter((result) => result.passed).length;
  printLine(terminal, `${backend.name}: ${count} of ${results.length} cases within ${VERIFY_TOLERANCE}`);
  return passed;
}

/** One that opens a case; the others follow on it. */
async function firstThatServes({ graph }: GoldenCase, choice: BackendChoice): Promise<Backend> {
  const { backend, started } = await firstOf(chooseBackends(choice), (candidate) => candidate.open(graph));
  await started.dispose();
  return backend;
}
