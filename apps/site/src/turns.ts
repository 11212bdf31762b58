/** Milliseconds of a task after which the rest waits for the next one: the page answers within a few frames. */
const ENOUGH = 12;

/**
 * Jobs that are done one after the other, in as many tasks as they take, so that none keeps the page from answering.
 * New ones take the place of those that have not begun.
 */
export class Turns {
  private newest = 0;

  /** @returns when they are done, or others have taken their place */
  async take(jobs: readonly (() => unknown)[]): Promise<void> {
    const mine = ++this.newest;
    let begin = performance.now();
    for (const job of jobs) {
      if (performance.now() - begin > ENOUGH) {
        await new Promise((resolve) => setTimeout(resolve));
        begin = performance.now();
      }
      if (mine !== this.newest) return;
      await job();
    }
  }
}
