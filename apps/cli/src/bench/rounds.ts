import { turn } from './turn.ts';

export interface TimedTask {
  /** Awaited before each run, outside of what is timed. */
  prepare?(): Promise<void>;
  run(): Promise<unknown>;
  /** What the run just done took, where it has a clock of its own. */
  milliseconds?(): number;
}

export interface Timing {
  /** The fastest of the rounds: what else a machine does only adds time. */
  readonly ms: number;
  readonly rounds: number;
}

export interface RoundOptions {
  /** At most. */
  readonly rounds: number;
  /** Of each task, after which it has no further round. One it has always. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly onRound?: () => void;
}

/**
 * Times tasks round by round, so that whatever else the machine does hits all of them alike.
 *
 * @returns one timing a task, in their order
 * @throws the signal's reason once it is aborted
 */
export async function timeInRounds(
  tasks: readonly TimedTask[],
  { rounds, seconds, signal, onRound }: RoundOptions,
): Promise<Timing[]> {
  const timings = tasks.map(() => ({ ms: Number.POSITIVE_INFINITY, rounds: 0, spent: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, task] of tasks.entries()) {
      const timing = timings[i]!;
      if (timing.spent >= 1000 * seconds) continue;
      await task.prepare?.();
      const start = performance.now();
      await task.run();
      const elapsed = performance.now() - start;
      const ms = task.milliseconds?.() ?? elapsed;
      timing.ms = Math.min(timing.ms, ms);
      timing.spent += ms;
      timing.rounds++;
      await turn(signal);
    }
    onRound?.();
  }
  return timings.map(({ ms, rounds: done }) => ({ ms, rounds: done }));
}
