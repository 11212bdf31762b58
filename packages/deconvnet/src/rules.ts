import type { Composite } from './composite.ts';
import { ExplainError } from './errors.ts';
import type { LayerRule } from './layer-rules.ts';

/**
 * What a ReLU does to the response that comes back through it; all other layers are transposed. The forward ReLU's own
 * sign decides the mask. docs/rules.md carries this over to ReLU6 and leaky ReLU, and has every other layer.
 *
 * | rule | response after | source |
 * |---|---|---|
 * | linear | r | CLEAR eqs. 2-3 as written: only G and U |
 * | deconvnet | max(r, 0) | Zeiler & Fergus 2014, section 2.1 |
 * | gradient | r where the forward input was > 0 | Simonyan et al. 2013 |
 * | guided | max(r, 0) where the forward input was > 0 | Springenberg et al. 2014, section 3.4 |
 */
export type BackProjectionRule = 'linear' | 'deconvnet' | 'gradient' | 'guided';

/**
 * What convolutions and dense layers do to the relevance of their outputs (layer-wise relevance propagation, Bach et
 * al. 2015); a ReLU hands it down unchanged.
 *
 * | rule | in every layer | source |
 * |---|---|---|
 * | lrp-epsilon | epsilon 1e-6 | Bach et al. 2015, eq. 58 |
 * | lrp-gamma | gamma 0.25 | Montavon et al. 2019 |
 * | lrp-alpha2beta1 | alpha 2, beta 1 | Bach et al. 2015, eq. 60 |
 * | lrp-zplus | z+ | Montavon et al. 2017 |
 * | lrp-flat | flat | Lapuschkin et al. 2019 |
 * | deep-taylor | z+; zBox in layers that take the image | Montavon et al. 2017 |
 * | lrp-epsilon-plus-flat | z+ in convolutions, epsilon in dense layers; flat in layers that take the image | Kohlbrenner et al. 2020 |
 * | lrp-epsilon-gamma-box | gamma in convolutions, epsilon in dense layers; zBox in layers that take the image | Montavon et al. 2019 |
 */
export type RelevanceRule =
  | 'lrp-epsilon'
  | 'lrp-gamma'
  | 'lrp-alpha2beta1'
  | 'lrp-zplus'
  | 'lrp-flat'
  | 'deep-taylor'
  | 'lrp-epsilon-plus-flat'
  | 'lrp-epsilon-gamma-box';

export type RuleName = BackProjectionRule | 'gradient-x-input' | RelevanceRule;

/** A rule by name; those with a number take another one after a colon: 'lrp-epsilon:0.01', 'lrp-gamma:0.5'. */
export type Rule = RuleName | `${keyof typeof NUMBERED}:${number}`;

export interface RuleDefinition {
  /** A ReLU keeps positive responses only; a leaky one the others times its slope. */
  readonly rectifies: boolean;
  /** A ReLU multiplies by the slope of the forward pass, 1 where it let its input through. */
  readonly masks: boolean;
  /** Responses are multiplied by the values of the layer that they arrive at. */
  readonly timesValues?: boolean;
  /** Relevance propagation, with these rules. */
  readonly composite?: Composite;
}

const NUMBERED = {
  'lrp-epsilon': (epsilon?: number): LayerRule => ({ type: 'epsilon', epsilon }),
  'lrp-gamma': (gamma?: number): LayerRule => ({ type: 'gamma', gamma }),
};

const relevance = (...composite: Composite): RuleDefinition => ({
  rectifies: false,
  masks: false,
  composite,
});

/** Adding a rule of this family is one row; a rule for a layer is a row in layer-rules.ts. */
export const RULES: Readonly<Record<RuleName, RuleDefinition>> = {
  linear: { rectifies: false, masks: false },
  deconvnet: { rectifies: true, masks: false },
  gradient: { rectifies: false, masks: true },
  guided: { rectifies: true, masks: true },
  // Shrikumar et al. 2016.
  'gradient-x-input': { rectifies: false, masks: true, timesValues: true },
  'lrp-epsilon': relevance({ rule: NUMBERED['lrp-epsilon']() }),
  'lrp-gamma': relevance({ rule: NUMBERED['lrp-gamma']() }),
  'lrp-alpha2beta1': relevance({ rule: { type: 'alphaBeta', alpha: 2, beta: 1 } }),
  'lrp-zplus': relevance({ rule: { type: 'zPlus' } }),
  'lrp-flat': relevance({ rule: { type: 'flat' } }),
  'deep-taylor': relevance({ position: 'first', rule: { type: 'zBox' } }, { rule: { type: 'zPlus' } }),
  'lrp-epsilon-plus-flat': relevance(
    { position: 'first', rule: { type: 'flat' } },
    { type: 'conv2d', rule: { type: 'zPlus' } },
    { rule: { type: 'epsilon' } },
  ),
  'lrp-epsilon-gamma-box': relevance(
    { position: 'first', rule: { type: 'zBox' } },
    { type: 'conv2d', rule: { type: 'gamma' } },
    { rule: { type: 'epsilon' } },
  ),
};

/** Evidence, not taste: see docs/table1.md. */
export const DEFAULT_RULE: BackProjectionRule = 'guided';

/** @throws ExplainError for a name or a number that is none */
export function definitionOf(rule: Rule | Composite): RuleDefinition {
  const isComposite = Array.isArray(rule) && rule.every((choice) => typeof choice === 'object' && choice);
  if (isComposite) return relevance(...rule);
  if (Object.hasOwn(RULES, String(rule))) return RULES[rule as RuleName];
  const [name, number] = String(rule).split(/:(.*)/s) as [string, string | undefined];
  const isNumber =
    number !== undefined && number.trim() !== '' && Number(number) >= 0 && Number(number) < Infinity;
  if (isNumber && Object.hasOwn(NUMBERED, name)) {
    return relevance({ rule: NUMBERED[name as keyof typeof NUMBERED](Number(number)) });
  }
  throw new ExplainError({
    asked: 'rule',
    got: JSON.stringify(rule),
    allowed: [...Object.keys(RULES), ...Object.keys(NUMBERED).map((key) => `${key}:<number from 0>`)].join(
      ', ',
    ),
  });
}
