import { packError, type TransferredError, unpackError } from './transferred-error.ts';

/** What a thread answers: an error keeps its class and details, see {@link TransferredError}. */
export type Answer<T> = { readonly value: T } | { readonly error: TransferredError };

/** Of a call: its outcome, whatever it is, as something that threads can send. */
export async function answerOf<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error: packError(error) };
  }
}

/** On the other side: gives what the call gave, throws what it threw. */
export function outcomeOf<T>(answer: Answer<T>): T {
  if ('error' in answer) throw unpackError(answer.error);
  return answer.value;
}
