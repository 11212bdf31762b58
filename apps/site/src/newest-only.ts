/**
 * Runs a job, never twice at a time: however often it is asked for meanwhile, it runs once more afterwards, on what
 * is newest by then. There is no queue that could fall behind a pen.
 *
 * @param job must take its input when it starts
 * @param onError told of what a run throws; later runs go on
 */
export function newestOnly(job: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await job().catch(onError);
    }
    running = false;
  };
}
