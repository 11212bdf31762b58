import { printLine, type Terminal } from '../terminal.ts';
import { alignedTable } from './aligned-table.ts';
import type { PyTorchReport } from './pytorch-bench.ts';
import { milliseconds, times } from './table.ts';

export function printPyTorchReport(terminal: Terminal, report: PyTorchReport): void {
  const { title, inputShape, classes, torch, oneDnn, rows } = report;
  printLine(terminal, `${title}, ${inputShape.join('x')}, ${classes} classes`);
  printLine(terminal, `PyTorch ${torch}, ${oneDnn ? 'with' : 'without'} oneDNN`);
  const backends = Object.keys(rows[0]!.over);
  const lines = alignedTable([
    ['', `${classes} classes`, ...backends.map((backend) => `/ ${backend}`), 'differs by', 'rounds'],
    ...rows.map(({ engine, title, ms, over, difference, rounds }) => [
      engine === 'clearmaps' ? `clearmaps, ${title}` : title,
      milliseconds(ms)!,
      ...backends.map((backend) => times(over[backend])!),
      difference.toExponential(0),
      String(rounds),
    ]),
  ]);
  for (const line of lines) printLine(terminal, line);
  printLine(terminal, '');
}
