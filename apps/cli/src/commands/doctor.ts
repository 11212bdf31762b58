import { type ActiveBackend, BackendError, firstOf } from 'clearmaps';
import type { Command } from 'commander';
import { type BackendReport, failureOf } from '../backend-probe.ts';
import { BACKEND_NAMES } from '../backends.ts';
import { printBackends, printMachine, printVerdict } from '../doctor-report.ts';
import { EXIT } from '../exit-codes.ts';
import { bundledCases } from '../golden-cases.ts';
import { thisMachine } from '../machine.ts';
import { Progress } from '../progress.ts';
import { printJson, type Terminal } from '../terminal.ts';
import { probeWatched } from '../watched-probe.ts';
import { wholeNumber } from '../whole-number.ts';

interface DoctorFlags {
  readonly verify: boolean;
  readonly timeout: string;
  readonly json: boolean;
}

export function doctorCommand(program: Command, terminal: Terminal, exitWith: (code: number) => void): void {
  program
    .command('doctor')
    .description('list what this machine can compute on, and what is missing')
    .option('--verify', 'check every backend that runs against known answers', false)
    .option('--timeout <seconds>', 'how long a backend may give no sign of life', '60')
    .option('--json', 'print the results as JSON', false)
    .addHelpText('after', '\nExamples:\n  clearmaps doctor\n  clearmaps doctor --verify --json')
    .action(async (flags: DoctorFlags) => {
      if (!(await doctor(flags, terminal))) exitWith(EXIT.verificationFailed);
    });
}

async function doctor(flags: DoctorFlags, terminal: Terminal): Promise<boolean> {
  const patience = wholeNumber('--timeout', flags.timeout, 1) * 1000;
  const cases = flags.verify ? bundledCases() : undefined;
  const machine = thisMachine();
  const names = BACKEND_NAMES.filter((name) => name !== 'auto');
  const backends: BackendReport[] = [];
  const progress = new Progress(terminal, 'backends', names.length, names[0]);
  try {
    for (const [i, name] of names.entries()) {
      backends.push(await probeWatched({ name, cases, patience, signal: terminal.signal }));
      progress.advance(1, names[i + 1] ?? '');
    }
  } finally {
    progress.stop();
  }
  const auto = await autoOf(backends);
  const passed = auto !== undefined && backends.every((backend) => failureOf(backend) === undefined);
  if (flags.json) {
    printJson(terminal, { ...machine, backends, auto: auto ?? null, passed });
    return passed;
  }
  printMachine(machine, terminal);
  printBackends(backends, terminal);
  printVerdict(auto, terminal);
  return passed;
}

/** By the rule by which `--backend auto` goes through the list; undefined where none runs. */
async function autoOf(backends: readonly BackendReport[]): Promise<ActiveBackend | undefined> {
  try {
    const { backend, skipped } = await firstOf(backends, async ({ runs, says }) => {
      if (!runs) throw new Error(says);
    });
    return { name: backend.name, skipped };
  } catch (error) {
    if (error instanceof BackendError) return undefined;
    throw error;
  }
}
