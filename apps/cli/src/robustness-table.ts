import type { RobustnessResult } from '@clearmaps/training';
import { printLine, type Terminal } from './terminal.ts';

/** One line a change, its directions beside one another. */
export function printRobustness(terminal: Terminal, results: readonly RobustnessResult[]): void {
  const lines = new Map<string, string[]>();
  for (const { change, direction, accuracy } of results) {
    const shares = lines.get(change) ?? [];
    shares.push(`${(100 * accuracy).toFixed(1)}${direction ? ` (${direction})` : ''}`);
    lines.set(change, shares);
  }
  const width = Math.max(...[...lines.keys()].map((change) => change.length));
  printLine(terminal, 'Share decided right when every picture is');
  for (const [change, shares] of lines) {
    printLine(terminal, `  ${change.padEnd(width)}  ${shares.join(', ')} %`);
  }
}
