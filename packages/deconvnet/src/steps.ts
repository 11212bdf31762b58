/**
 * Work on the backend that may pause: it yields between two steps, and holds no scope of TensorFlow.js open there, so
 * that whatever runs meanwhile keeps what it makes. Ended early, it frees all that it has made.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Every step, without a pause. */
export function withoutPause<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Milliseconds: a turn of the event loop may take a page four, and a person notices a second. */
const TURN_EVERY = 100;

/**
 * Every step, with turns of the event loop between where a signal may come in.
 *
 * @param run runs each step
 * @throws the signal's reason once it is aborted
 */
export async function withPauses<T>(
  steps: Steps<T>,
  run: (step: () => IteratorResult<undefined, T>) => IteratorResult<undefined, T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    const dueTurn = turnsFor(signal);
    for (;;) {
      const step = run(() => steps.next());
      if (step.done) return step.value;
      const due = dueTurn();
      if (due) await due;
    }
  } finally {
    steps.return(undefined as T);
  }
}

/** Milliseconds: a browser calls a task long that takes 50, and the steps of an arithmetic may take up to 30. */
export const PAGE_TURN_EVERY = 16;

/** Gives a turn of the event loop where one is due; rejects with the signal's reason once it is aborted. */
export type DueTurn = () => Promise<void> | undefined;

/**
 * Turns of the event loop for a signal to come in, to be asked for often.
 *
 * @param every milliseconds; told, turns are for what else a page does, too, and come without a signal
 */
export function turnsFor(signal: AbortSignal | undefined, every = signal && TURN_EVERY): DueTurn {
  let turned = performance.now();
  return () => {
    if (every === undefined || performance.now() < turned + every) return undefined;
    return turn().then(() => {
      signal?.throwIfAborted();
      turned = performance.now();
    });
  };
}

/** Only a turn of the event loop lets an abort come in, and a page draw its progress. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
