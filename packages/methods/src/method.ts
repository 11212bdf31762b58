import type { GraphPlan, Reduction } from '@clearmaps/deconvnet/graph';
import type { Engine, OpenEngine } from './engine.ts';
import type { OptionTable, OptionValues } from './method-options.ts';

/** What methods go by, in the order of lists that group them. */
export const FAMILIES = [
  'back-projection',
  'relevance propagation',
  'gradients',
  'class activation',
  'taking away',
] as const;
export type Family = (typeof FAMILIES)[number];

/** A way to get R(x|c). Adding one is a file that exports this and a row in {@link METHODS}. */
export interface Method<T extends OptionTable = OptionTable> {
  readonly family: Family;
  /** Authors, year, section. */
  readonly paper: string;
  /** What the numbers are, in one sentence. */
  readonly promises: string;
  /** Passes through the net for one image and all its classes: "forward" and "sweep" (back to the input). */
  readonly cost: string;
  /** Where not to trust it, in one sentence. */
  readonly fails: string;
  readonly options: T;
  /** How channels become one number a pixel, unless the caller says; nothing for a method without channels. */
  readonly reduction: Reduction;
  /** Whether it learns from images first, which the caller then has to give. */
  readonly needsReference?: true;
  /** Whether the work on one image is shared out to as many calls as the engine works on side by side. */
  readonly callsSideBySide?: true;
  /** Everything that does not depend on the image explained. @throws MethodError for a net that it does not fit. */
  prepare(context: MethodContext<OptionValues<T>>): Attribute | Promise<Attribute>;
}

/** What a method works with. */
export interface MethodContext<V> {
  readonly plan: GraphPlan;
  /** Runs the net. */
  readonly engine: Engine;
  /** Opens a part of the net; disposed of with the method. */
  readonly open: OpenEngine;
  readonly options: V;
  /** Images that stand for the data set, [n, H, W, C], network input; empty unless the method needs them. */
  readonly reference: Float32Array;
  /** Ends the preparing. */
  readonly signal?: AbortSignal;
}

/** Explains one image. What it answers depends on the image, the classes and the options alone. */
export type Attribute = (task: ImageTask) => Promise<Attribution>;

export interface ImageTask {
  /** [H, W, C]. */
  readonly image: Float32Array;
  /** The n classes asked for. */
  readonly classes: readonly number[];
  readonly signal?: AbortSignal;
  /** To be awaited after each part of the work, lastly with `done` = `total`. @throws the signal's reason */
  step(done: number, total: number): Promise<void>;
}

/** Of one image. */
export interface Attribution {
  /** [n, H, W, C], or [n, H, W] of a method that knows no channels. */
  readonly values: Float32Array;
  /** [n]: how far the attributions of a class miss the difference that they promise to add up to. */
  readonly completenessError?: Float32Array;
}

/** Keeps the types of a method's options together while it is written down. */
export function defineMethod<const T extends OptionTable>(method: Method<T>): Method<T> {
  return method;
}
