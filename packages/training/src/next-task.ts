/**
 * Lets timers, signals and page events run. A backend that computes at once, as wasm does, settles its promises
 * without ever leaving the present task, so without this a run could be neither watched nor aborted.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
