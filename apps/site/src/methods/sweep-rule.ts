import { RULES, type RuleName } from '@clearmaps/deconvnet/graph';
import type { MethodName } from '@clearmaps/methods';

/** A method that is one way back through the layers by a rule: the engine itself answers it, from a seed. */
export type SweepMethod = MethodName & RuleName;

/** The rule of such a method; undefined for one that is more than a way back. */
export function sweepRule(method: MethodName): SweepMethod | undefined {
  return Object.hasOwn(RULES, method) ? (method as SweepMethod) : undefined;
}
