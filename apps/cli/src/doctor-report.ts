import { styleText } from 'node:util';
import type { ActiveBackend } from 'clearmaps';
import { VERIFY_TOLERANCE } from 'clearmaps/verify';
import { type BackendReport, failureOf } from './backend-probe.ts';
import type { Machine } from './machine.ts';
import { printLine, type Terminal } from './terminal.ts';

/** Columns of what is printed. */
const WIDTH = 110;

export function printMachine(
  { node, platform, cores, memoryBytes, packages }: Machine,
  terminal: Terminal,
): void {
  printLine(terminal, `Node ${node} on ${platform}, ${cores} cores, ${gigabytes(memoryBytes)} GB of memory`);
  printLine(terminal, '\nPackages');
  const width = Math.max(...Object.keys(packages).map((name) => name.length));
  for (const [name, version] of Object.entries(packages)) {
    printLine(terminal, `  ${name.padEnd(width)}  ${version ?? 'not installed'}`);
  }
}

export function printBackends(backends: readonly BackendReport[], terminal: Terminal): void {
  const paint = painter(terminal);
  const width = Math.max(...backends.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 10);
  printLine(terminal, '\nBackends, in the order that auto tries them');
  for (const backend of backends) {
    const { name, runs, says } = backend;
    const mark = runs ? paint('green', 'runs ') : paint('red', 'no   ');
    const [first, ...more] = wrapped(says, WIDTH - indent.length);
    printLine(terminal, `  ${name.padEnd(width)}  ${mark} ${first}`);
    const failure = failureOf(backend);
    const answers = failure === undefined ? parity(backend) : wrapped(failure, WIDTH - indent.length);
    for (const line of more) printLine(terminal, indent + line);
    for (const line of answers) {
      printLine(terminal, indent + paint(failure === undefined ? 'green' : 'red', line));
    }
  }
}

/** Which one `auto` takes, and why. */
export function printVerdict(auto: ActiveBackend | undefined, terminal: Terminal): void {
  printLine(terminal, `\n${verdict(auto)}`);
}

function verdict(auto: ActiveBackend | undefined): string {
  if (auto === undefined) return 'No backend runs here: auto has none to take.';
  const passed = auto.skipped.map(({ name }) => name).join(' and ');
  return `auto takes ${auto.name}${passed ? `: ${passed} cannot run here` : ', the fastest'}`;
}

/** Of known answers that came out right. */
function parity({ verified }: BackendReport): string[] {
  if (verified === undefined) return [];
  const answers = verified.reduce((sum, { checked }) => sum + checked, 0);
  const worst = Math.max(...verified.map(({ worstRelativeError }) => worstRelativeError));
  const allowed = VERIFY_TOLERANCE.toExponential();
  return [
    `${verified.length} known cases right: ${answers} answers, largest error ${worst.toExponential(1)} (allowed ${allowed})`,
  ];
}

type Colour = 'green' | 'red';

/** Colours only where the terminal has them and NO_COLOR does not forbid them. */
function painter({ stdout }: Terminal): (colour: Colour, text: string) => string {
  const coloured = (stdout as Partial<NodeJS.WriteStream>).hasColors?.() ?? false;
  return (colour, text) => (coloured ? styleText(colour, text) : text);
}

/** Lines of whole words. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

function gigabytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
