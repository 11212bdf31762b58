/**
 * A function of the caller's as another thread may call it: what it throws ends the call that it belongs to, as it does
 * without a thread between.
 *
 * @param stop ends that call
 */
export function endingOnThrow<A extends unknown[]>(
  stop: AbortController,
  tell: (...what: A) => void | Promise<void>,
): (...what: A) => Promise<void> {
  return async (...what) => {
    try {
      await tell(...what);
    } catch (error) {
      stop.abort(error);
    }
  };
}
