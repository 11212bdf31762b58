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
      if (show) await begun();
      call(show);
      show = await underWay;
    }
    running = false;
    call(show);
  };
}

/** Promises that are kept already take a turn each. */
const TURNS = 64;

/** By then, what a run does before it has to wait for anything is done. No task: the screen's next frame could come first. */
async function begun(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
}
