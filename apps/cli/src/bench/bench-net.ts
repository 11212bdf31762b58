import { GraphPlan } from '@clearmaps/deconvnet/graph';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { BenchNet } from './nets.ts';
import { timeInRounds } from './rounds.ts';
import { type BenchRow, benchRow } from './row.ts';
import { openWarm, type WarmSubject } from './warm-subject.ts';

export interface BenchOptions {
  readonly backends: readonly string[];
  /** At most, of each figure. */
  readonly rounds: number;
  /** Of each figure, after which it has no further round. */
  readonly seconds: number;
}

/**
 * Measures one net on each backend.
 *
 * @returns one row a backend, also for those that cannot serve
 * @throws the signal's reason once it is aborted
 */
export async function benchNet(
  { name, graph }: BenchNet,
  { backends, rounds, seconds }: BenchOptions,
  terminal: Terminal,
): Promise<BenchRow[]> {
  const plan = new GraphPlan(graph);
  const opened = new Map<string, WarmSubject>();
  const refused = new Map<string, string>();
  const progress = new Progress(terminal, `bench ${name}`, backends.length + rounds);
  try {
    for (const backend of backends) {
      try {
        opened.set(backend, await openWarm(plan, backend, terminal.signal));
      } catch (error) {
        terminal.signal.throwIfAborted();
        refused.set(backend, error instanceof Error ? error.message : String(error));
      }
      progress.advance();
    }
    const timed = [...opened].flatMap(([backend, { subject, tasks }]) =>
      tasks.map((task) => ({ backend, task, prepare: subject.activate, run: subject.tasks[task]! })),
    );
    const timings = await timeInRounds(timed, {
      rounds,
      seconds,
      signal: terminal.signal,
      onRound: () => progress.advance(),
    });
    return backends.map((backend) => {
      const there = opened.get(backend);
      if (there === undefined) return { backend, note: refused.get(backend)!, rounds: {} };
      const own = timed.flatMap((entry, i) => (entry.backend === backend ? [[entry.task, timings[i]!]] : []));
      const { subject, memory, note } = there;
      return benchRow(plan, {
        backend,
        timings: Object.fromEntries(own),
        images: subject.images,
        sumsImage: subject.sumsImage,
        memory,
        note,
      });
    });
  } finally {
    progress.stop();
    for (const { subject } of opened.values()) await subject.dispose();
  }
}
