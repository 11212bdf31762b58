import { checkOptionNames, type OptionNames } from '@clearmaps/errors';
import type { Composite } from './composite.ts';
import { ExplainError } from './errors.ts';
import type { GraphPlan } from './graph-plan.ts';
import { INPUT } from './layer-graph.ts';
import { REDUCTIONS, type Reduction } from './reductions.ts';
import type { Rule } from './rules.ts';
import { SEEDS, type Seed } from './seeds.ts';
import type { SweptClasses } from './swept-classes.ts';
import { wayBack } from './way-back.ts';

export interface ExplainOptions {
  /** What the layers do on the way back: a rule by name, or one for each layer. Default 'guided'. */
  readonly rule?: Rule | Composite;
  /** What the sweep starts from. Default 'positive'. */
  readonly seed?: Seed;
  /** Class indices, each once, in the order wanted. Default: all. */
  readonly classes?: readonly number[];
  /**
   * In place of classes: groups of them, one response a group, whose seed is the sum of its members' seeds: all of
   * their channels at once. With `rule: 'linear'` that response is the sum of the members' responses; with the other
   * rules it is what these rules make of the common seed. A class may be in several groups.
   */
  readonly groups?: readonly (readonly number[])[];
  /** How channels become one number a pixel in `maps` and the dominant maps. Default 'sum'. */
  readonly reduction?: Reduction;
  /** Whether to return `responses`, R(x|c) with its channels: N times the input in size. Default false. */
  readonly responses?: boolean;
  /** The layer at whose output the responses are read, [h, w, c] there; rank 1 as [1, 1, c]. Default: the image. */
  readonly at?: string;
  /**
   * Bytes that explaining may take at its peak: weights as they are and flipped, what the way back reads of the
   * forward pass, the responses of a sweep, and what is kept of them. More classes than fit go in turns, one at a
   * time at worst. Default 512 MiB.
   */
  readonly memoryBudget?: number;
}

export interface AsyncExplainOptions extends ExplainOptions {
  /**
   * Whether to return `maps`, one map a class. Without them the memory that explaining takes does not grow with the
   * number of classes. Default true.
   */
  readonly maps?: boolean;
  /**
   * Layers, each once, whose responses are given too, as the sweeps pass their outputs on the way to `at`; of max
   * pools also the switches. Of a class they are as large as what those layers gave.
   */
  readonly layers?: readonly string[];
  /** Whether the classes that were not asked for compete as one, by their maximum response. Default false. */
  readonly others?: boolean;
  /**
   * Ends the call, within about a second: TensorFlow.js hears it between two layers, where the event loop turns ten
   * times a second at most; onnxruntime between two sweeps. What has been sent to a GPU is waited for.
   */
  readonly signal?: AbortSignal;
  /**
   * Called after each sweep with the classes that it did and their maps, every asked class once; the next sweep waits
   * for the promise. `responses` go there and not into the answer, so that with `maps: false` nothing is held that
   * grows with the number of classes.
   */
  readonly onClasses?: (swept: SweptClasses) => void | Promise<void>;
  /** Called after each sweep with the classes done and asked; the event loop turns before the next. */
  readonly onProgress?: (done: number, total: number) => void;
}

const NAMES: OptionNames<AsyncExplainOptions> = {
  rule: true,
  seed: true,
  classes: true,
  groups: true,
  reduction: true,
  responses: true,
  at: true,
  memoryBudget: true,
  maps: true,
  layers: true,
  others: true,
  signal: true,
  onClasses: true,
  onProgress: true,
};

/** @throws ExplainError naming an option that there is not */
export function checkExplainNames(options: AsyncExplainOptions): void {
  checkOptionNames('explain', options, NAMES, ExplainError);
}

/** @throws ExplainError naming the option, what came and what is allowed. */
export function checkExplainOptions(options: AsyncExplainOptions, plan: GraphPlan): void {
  checkExplainNames(options);
  const { classCount } = plan;
  const oneOf = (what: string, value: string | undefined, allowed: readonly string[]): void => {
    if (value === undefined || allowed.includes(value)) return;
    throw new ExplainError({ asked: what, got: JSON.stringify(value), allowed: allowed.join(', ') });
  };
  oneOf('seed', options.seed, SEEDS);
  oneOf('reduction', options.reduction, REDUCTIONS);
  const passed = wayBack(plan).map(({ name }) => name);
  oneOf('at', options.at, [INPUT, ...passed]);
  checkLayers(options.layers ?? [], passed.slice(passed.indexOf(options.at ?? INPUT) + 1));
  const { classes, groups, memoryBudget } = options;
  if (memoryBudget !== undefined && !(memoryBudget > 0)) {
    throw new ExplainError({
      asked: 'memoryBudget',
      got: String(memoryBudget),
      allowed: 'bytes, more than 0',
    });
  }
  if (classes !== undefined && groups !== undefined) {
    throw new ExplainError({ asked: 'classes and groups', got: 'both', allowed: 'one of the two' });
  }
  if (groups?.length === 0) throw new ExplainError({ asked: 'groups', got: 'none', allowed: 'one or more' });
  for (const [i, group] of groups?.entries() ?? []) checkClasses(`group ${i}`, group, classCount);
  if (classes !== undefined) checkClasses('classes', classes, classCount);
}

/** @param passed on the way, in topological order */
function checkLayers(layers: readonly string[], passed: readonly string[]): void {
  const wrong = layers.find((name, i) => !passed.includes(name) || layers.indexOf(name) !== i);
  if (wrong === undefined) return;
  throw new ExplainError({
    asked: 'layers',
    got: passed.includes(wrong) ? `${JSON.stringify(wrong)} twice` : JSON.stringify(wrong),
    allowed: passed.length === 0 ? 'none: the responses are read where they start' : passed.join(', '),
  });
}

function checkClasses(asked: string, classes: readonly number[], classCount: number): void {
  if (!Array.isArray(classes)) {
    throw new ExplainError({ asked, got: String(classes), allowed: 'a list of classes, such as [3]' });
  }
  const seen = new Set<number>();
  const good = classes.every((c) => {
    const fits = Number.isInteger(c) && c >= 0 && c < classCount && !seen.has(c);
    seen.add(c);
    return fits;
  });
  if (good && classes.length > 0) return;
  throw new ExplainError({
    asked,
    got: classes.length === 0 ? 'none' : `[${classes.map(quoted)}]`,
    allowed: `whole numbers from 0 to ${classCount - 1}, each once`,
  });
}

/** So that "3" and 3 look different. */
function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
