import type { BackProjectionRule, Seed } from '@clearmaps/deconvnet/graph';
import { byId } from '../create-element.ts';
import type { SiteStore } from '../state/site-state.ts';
import { createSwitch } from './switch.ts';

const RULES: Readonly<Record<BackProjectionRule, string>> = {
  linear: 'The paper’s equation as written: a ReLU lets everything back through, so maps are noisy.',
  deconvnet:
    'What comes back negative at a ReLU stops there: only evidence adds up (Zeiler and Fergus 2014).',
  gradient: 'Only paths that were active on the way forward count: the gradient (Simonyan et al. 2013).',
  guided: 'Both: active paths and positive evidence alone; the cleanest maps (Springenberg et al. 2014).',
};
const SEEDS: Readonly<Record<Seed, string>> = {
  positive: 'The way back starts from where the class responds, and ignores where it objects.',
  activation: 'It starts from the whole response of the class, objections included.',
  unit: 'It starts from ones everywhere, as gradient tools do, however weakly the class responds there.',
};

/** Rule and seed, with one sentence each on what changes. */
export function showRules(store: SiteStore): void {
  const rule = createSwitch(labels(RULES), (value) => store.set({ rule: value }));
  const seed = createSwitch(labels(SEEDS), (value) => store.set({ seed: value }));
  byId('rules').append(...rule.buttons);
  byId('seeds').append(...seed.buttons);
  store.watch(['rule', 'seed'], (state) => {
    rule.press(state.rule);
    seed.press(state.seed);
    byId('rule-text').textContent = RULES[state.rule];
    byId('seed-text').textContent = SEEDS[state.seed];
  });
}

function labels<T extends string>(texts: Readonly<Record<T, string>>): Record<T, string> {
  return Object.fromEntries(Object.keys(texts).map((name) => [name, name])) as Record<T, string>;
}
