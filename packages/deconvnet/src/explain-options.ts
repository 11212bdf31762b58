import { ExplainError } from './errors.ts';
import { REDUCTIONS, type Reduction } from './reductions.ts';
import { RULES, type Rule } from './rules.ts';
import { SEEDS, type Seed } from './seeds.ts';

export interface ExplainOptions {
  /** What a ReLU does on the way back. Default 'deconvnet'. */
  readonly rule?: Rule;
  /** What the sweep starts from. Default 'positive'. */
  readonly seed?: Seed;
  /** Class indices, each once, in the order wanted. Default: all. */
  readonly classes?: readonly number[];
  /** How channels become one number a pixel in `maps` and the dominant maps. Default 'sum'. */
  readonly reduction?: Reduction;
  /** Whether to return `responses`, R(x|c) with its channels: N times the input in size. Default false. */
  readonly responses?: boolean;
  /** Bytes that a sweep's intermediate responses may take; more classes than fit go in turns. Default 256 MiB. */
  readonly memoryBudget?: number;
}

export interface AsyncExplainOptions extends ExplainOptions {
  /** Checked between sweeps; the event loop turns before each check. */
  readonly signal?: AbortSignal;
  /** Called after each sweep with the classes done and asked; the event loop turns before the next. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** @throws ExplainError naming the option, what came and what is allowed. */
export function checkExplainOptions(options: ExplainOptions, classCount: number): void {
  const oneOf = (what: string, value: string | undefined, allowed: readonly string[]): void => {
    if (value === undefined || allowed.includes(value)) return;
    throw new ExplainError({ asked: what, got: JSON.stringify(value), allowed: allowed.join(', ') });
  };
  oneOf('rule', options.rule, Object.keys(RULES));
  oneOf('seed', options.seed, SEEDS);
  oneOf('reduction', options.reduction, REDUCTIONS);
  const { classes, memoryBudget } = options;
  if (memoryBudget !== undefined && !(memoryBudget > 0)) {
    throw new ExplainError({
      asked: 'memoryBudget',
      got: String(memoryBudget),
      allowed: 'bytes, more than 0',
    });
  }
  if (classes === undefined) return;
  const bad = classes.find(
    (c, i) => !Number.isInteger(c) || c < 0 || c >= classCount || classes.indexOf(c) !== i,
  );
  if (bad !== undefined || classes.length === 0) {
    throw new ExplainError({
      asked: 'classes',
      got: classes.length === 0 ? 'none' : `[${classes}]`,
      allowed: `whole numbers from 0 to ${classCount - 1}, each once`,
    });
  }
}
