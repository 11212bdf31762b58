import { alignedTable } from './aligned-table.ts';
import type { BenchRow } from './row.ts';
import { TASKS } from './subject.ts';

/** What one net gave, as text: a heading a column, one line a backend. */
export function benchTable(rows: readonly BenchRow[], classes: number): string[] {
  const columns: [heading: string, cell: (row: BenchRow) => string | undefined][] = [
    ['backend', ({ backend }) => backend],
    ['forward', ({ forwardMs }) => milliseconds(forwardMs)],
    [`${classes} classes`, ({ allClassesMs }) => milliseconds(allClassesMs)],
    ['/ forward', ({ allClassesOverForward }) => times(allClassesOverForward)],
    ['GFLOP/s', ({ allClassesGflops }) => allClassesGflops?.toFixed(1)],
    ['conv alone', ({ convolutionGflops }) => convolutionGflops?.toFixed(1)],
    [
      'share',
      ({ shareOfConvolution: share }) => (share === undefined ? undefined : `${(100 * share).toFixed(0)} %`),
    ],
    ['memory', ({ memory }) => memory && `${MEMORY[memory.kind]} ${(memory.bytes / 2 ** 20).toFixed(0)} MiB`],
    ['autograd', ({ autogradMs }) => milliseconds(autogradMs)],
    [`/ ${classes} classes`, ({ autogradOverAllClasses }) => times(autogradOverAllClasses)],
    ['rounds', ({ rounds }) => TASKS.flatMap((task) => rounds[task] ?? []).join(' ')],
  ];
  const measured = rows.filter(({ rounds }) => Object.keys(rounds).length > 0);
  const cells = [
    columns.map(([heading]) => heading),
    ...measured.map((row) => columns.map(([, cell]) => cell(row) ?? '-')),
  ];
  const notes = rows.flatMap(({ backend, note }) => (note === undefined ? [] : `${backend}: ${note}`));
  return [...(measured.length === 0 ? [] : alignedTable(cells)), ...notes];
}

const MEMORY = { tensors: 'tensors', process: 'process +' } as const;

export function milliseconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms < 100 ? ms.toPrecision(3) : ms.toFixed(0)} ms`;
}

export function times(ratio: number | undefined): string | undefined {
  return ratio?.toFixed(1);
}
