import type { GraphPlan } from '@clearmaps/deconvnet/graph';
import { runsOnTfjs } from '../backends.ts';
import { openNativeSubject } from './native-subject.ts';
import { openTfjsSubject } from './tfjs-subject.ts';

/** What is timed, in the order of a round. */
export const TASKS = ['convolution', 'forward', 'allClasses', 'gradient'] as const;
export type Task = (typeof TASKS)[number];

export interface Memory {
  /**
   * 'tensors': bytes of TensorFlow.js tensors, weights among them, at the moment when most are there; what a backend
   * takes besides (packed kernels, scratch space) is not seen. 'process': by how much the whole process had grown
   * when it was largest.
   */
  readonly kind: 'tensors' | 'process';
  readonly bytes: number;
}

/** A net on a backend. */
export interface Subject {
  /**
   * convolution: {@link images} images through the net's largest convolution, and no more; forward: class scores of
   * one image; allClasses: its explanation with the defaults; gradient: that of one class score, by autograd. Each
   * runs until its result is there.
   */
  readonly tasks: Readonly<Partial<Record<Task, () => Promise<void>>>>;
  /** To be awaited before a task, outside of what is timed. */
  activate?(): Promise<void>;
  /** As many as the sweep has classes at a time, or fewer where one is work enough. */
  readonly images: number;
  /** See `SweepWork` of @clearmaps/deconvnet/graph. */
  readonly sumsImage: boolean;
  /** Explains once. To be asked before others are opened: tensors of all are counted together. */
  memory(): Promise<Memory>;
  dispose(): Promise<void>;
}

/** The native backend with its forward pass in float64: a row of its own beside those of the backends. */
export const NATIVE_IN_FLOAT64 = 'native, float64';

/** Throws with the reason where the backend cannot serve. */
export function openSubject(plan: GraphPlan, backend: string): Promise<Subject> {
  if (runsOnTfjs(backend)) return openTfjsSubject(plan, backend);
  return openNativeSubject(plan, backend === NATIVE_IN_FLOAT64 ? 'float64' : 'float32');
}
