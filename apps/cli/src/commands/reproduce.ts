import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { reproduceFiguresCommand } from './reproduce-figures.ts';
import { reproduceStudyCommand } from './reproduce-study.ts';
import { reproduceTable1Command } from './reproduce-table1.ts';

/** What the paper shows, on any net and data. Adding a part is one file and one line here. */
export function reproduceCommand(program: Command, terminal: Terminal): void {
  const reproduce = program
    .command('reproduce')
    .description('tables and figures of the paper, measured anew');
  reproduceTable1Command(reproduce, terminal);
  reproduceStudyCommand(reproduce, terminal);
  reproduceFiguresCommand(reproduce, terminal);
}
