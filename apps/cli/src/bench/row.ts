import {
  forwardFlops,
  type GraphPlan,
  largestConvolution,
  layerFlops,
  sweepFlops,
} from '@clearmaps/deconvnet/graph';
import type { Timing } from './rounds.ts';
import type { Memory, Task } from './subject.ts';

/** One net on one backend: what was measured. */
export interface Measured {
  readonly backend: string;
  readonly timings: Readonly<Partial<Record<Task, Timing>>>;
  /** Images of the convolution. */
  readonly images: number;
  readonly sumsImage: boolean;
  readonly memory?: Memory;
  /** Why figures are missing: the backend is not there, or they would have taken too long. */
  readonly note?: string;
}

/** What was measured and what follows from it. Fields are absent where a figure they need is. */
export interface BenchRow {
  readonly backend: string;
  readonly note?: string;
  /** Rounds of each task. */
  readonly rounds: Readonly<Partial<Record<Task, number>>>;
  readonly forwardMs?: number;
  readonly allClassesMs?: number;
  /** All classes in forward passes; N + 1 would be equal work. */
  readonly allClassesOverForward?: number;
  /** Of the operations that the engine really does for all classes, see `sweepFlops`. */
  readonly allClassesGflops?: number;
  /** Of the net's largest convolution alone. */
  readonly convolutionGflops?: number;
  /** 0 to 1. */
  readonly shareOfConvolution?: number;
  readonly memory?: Memory;
  /** N times the gradient of one class score. */
  readonly autogradMs?: number;
  readonly autogradOverAllClasses?: number;
}

export function benchRow(plan: GraphPlan, measured: Measured): BenchRow {
  const { backend, timings, images, sumsImage, memory, note } = measured;
  const count = plan.classCount;
  const [convolution, forward, allClasses, gradient] = (
    ['convolution', 'forward', 'allClasses', 'gradient'] as const
  ).map((task) => timings[task]?.ms);
  const autograd = gradient === undefined ? undefined : count * gradient;
  const allClassesGflops = perSecond(
    forwardFlops(plan) + count * sweepFlops(plan, { sumsImage }),
    allClasses,
  );
  const convolutionGflops = perSecond(convolutionFlops(plan, images), convolution);
  const row = {
    backend,
    note,
    rounds: Object.fromEntries(Object.entries(timings).map(([task, { rounds }]) => [task, rounds])),
    forwardMs: forward,
    allClassesMs: allClasses,
    allClassesOverForward: ratio(allClasses, forward),
    allClassesGflops,
    convolutionGflops,
    shareOfConvolution: ratio(allClassesGflops, convolutionGflops),
    memory,
    autogradMs: autograd,
    autogradOverAllClasses: ratio(autograd, allClasses),
  };
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  ) as unknown as BenchRow;
}

/** Of the net's largest convolution on so many images. */
export function convolutionFlops(plan: GraphPlan, images: number): number {
  const layer = largestConvolution(plan);
  return layer === undefined ? 0 : images * layerFlops(plan, layer);
}

/** 10^9 a second. */
function perSecond(flops: number, ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : flops / ms / 1e6;
}

export function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}
