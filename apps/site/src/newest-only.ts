type Show = () => void;
type Job = () => Promise<Show | undefined> | Promise<void>;

/**
 * Runs a job, never twice at a time: however often it is asked for meanwhile, it runs once more afterwards, on what
 * is newest by then. There is no queue that could fall behind a pen.
 *
 * @param job must take its input when it starts; what it gives is called once the run after it is under way, where
 *   there is one: whoever works for the job need not wait until its answer is drawn
 * @param onError told of what a run throws; later runs go on
 */
export function newestOnly(job: Job, onError: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<Show | undefined> => {
    try {
      return (await job()) ?? undefined;
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
  const call = (show: Show | undefined): void => {
    try {
      show?.();
    } catch (error) {
      onError(error);
    }
  };
  return async () => {
    again = true;
    if (running) return;
    running = true;
    let show: Show | undefined;
    while (again) {
      again = false;
      const underWay = run();
      if (show) await nextTask();
      call(show);
      show = await underWay;
    }
    running = false;
    call(show);
  };
}

/** By then, what the run that has just begun could do without waiting is done. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
