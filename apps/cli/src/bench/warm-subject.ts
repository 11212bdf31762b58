import { forwardFlops, type GraphPlan, sweepFlops } from '@clearmaps/deconvnet/graph';
import { timeInRounds } from './rounds.ts';
import { convolutionFlops } from './row.ts';
import { type Memory, openSubject, type Subject, TASKS, type Task } from './subject.ts';
import { turn } from './turn.ts';

/** A net on a backend where everything that will be timed has run once. */
export interface WarmSubject {
  readonly subject: Subject;
  /** Those that do not take too long. */
  readonly tasks: readonly Task[];
  readonly memory?: Memory;
  /** Which tasks are left out. */
  readonly note?: string;
}

/** Seconds: what would take longer once is left out. */
const PATIENCE = 30;
/** How many times slower than a convolution the gradients of TensorFlow.js are: on wasm theirs is a plain loop. */
const GRADIENT_SLOWNESS = 10;

/** Throws with the reason where the backend cannot serve. @throws the signal's reason once it is aborted */
export async function openWarm(plan: GraphPlan, backend: string, signal: AbortSignal): Promise<WarmSubject> {
  const subject = await openSubject(plan, backend);
  try {
    const seconds = await estimate(plan, subject, signal);
    const [tasks, slow] = [[], []] as [Task[], Task[]];
    for (const task of TASKS) {
      if (subject.tasks[task] !== undefined) (seconds[task] > PATIENCE ? slow : tasks).push(task);
    }
    const memory = tasks.includes('allClasses') ? await subject.memory() : undefined;
    await turn(signal);
    if (tasks.includes('forward')) await subject.tasks.forward!();
    await turn(signal);
    const said = slow.map((task) => `${SAID[task]} ${seconds[task].toFixed(0)} s`);
    return {
      subject,
      tasks,
      memory,
      note: slow.length === 0 ? undefined : `left out, as once would take about: ${said.join(', ')}`,
    };
  } catch (error) {
    await subject.dispose();
    throw error;
  }
}

const SAID: Readonly<Record<Task, string>> = {
  convolution: 'its largest convolution',
  forward: 'a forward pass',
  allClasses: 'all classes',
  gradient: 'a gradient',
};

/** How long each task will take, by the speed of the net's largest convolution. */
async function estimate(
  plan: GraphPlan,
  { tasks, images, sumsImage }: Subject,
  signal: AbortSignal,
): Promise<Record<Task, number>> {
  if (tasks.convolution === undefined) return { convolution: 0, forward: 0, allClasses: 0, gradient: 0 };
  const run = tasks.convolution;
  // The second is warm; where the first takes long, that matters little.
  const [timing] = await timeInRounds([{ run }], { rounds: 2, seconds: 1, signal });
  const convolution = timing!.ms / 1000;
  const secondsPerFlop = convolution / convolutionFlops(plan, images);
  const forward = forwardFlops(plan) * secondsPerFlop;
  const sweep = sweepFlops(plan, { sumsImage }) * secondsPerFlop;
  return {
    convolution,
    forward,
    allClasses: forward + plan.classCount * sweep,
    gradient: 2 * forward * GRADIENT_SLOWNESS,
  };
}
