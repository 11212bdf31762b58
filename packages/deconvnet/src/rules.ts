/**
 * What a ReLU does to the response that comes back through it. The forward ReLU's own sign decides the mask.
 * docs/rules.md carries this over to ReLU6 and leaky ReLU, and has every other layer.
 *
 * | rule | response after | source |
 * |---|---|---|
 * | linear | r | CLEAR eqs. 2-3 as written: only G and U |
 * | deconvnet | max(r, 0) | Zeiler & Fergus 2014, section 2.1 |
 * | gradient | r where the forward input was > 0 | Simonyan et al. 2013 |
 * | guided | max(r, 0) where the forward input was > 0 | Springenberg et al. 2014, section 3.4 |
 */
export type Rule = 'linear' | 'deconvnet' | 'gradient' | 'guided';

export interface RuleDefinition {
  /** Keeps positive responses only; of a leaky ReLU, negative ones times its slope. */
  readonly rectifies: boolean;
  /** Multiplies by the slope of the forward pass, 1 where a ReLU let its input through. */
  readonly masks: boolean;
}

/** Adding a rule of this family is one row. */
export const RULES: Readonly<Record<Rule, RuleDefinition>> = {
  linear: { rectifies: false, masks: false },
  deconvnet: { rectifies: true, masks: false },
  gradient: { rectifies: false, masks: true },
  guided: { rectifies: true, masks: true },
};

/** Evidence, not taste: see docs/table1.md. */
export const DEFAULT_RULE: Rule = 'guided';
