import type { Scale } from '@clearmaps/colormap';
import type { SiteState } from '../state/site-state.ts';

/** Of the positive responses: a few spikes do not darken the rest. Always the same: what has not changed is not drawn again. */
const PERCENTILE: Scale = { percentile: 97 };

/** What full brightness is, as the packages take it. */
export function scaleOf({ scale, fixedStrength }: Pick<SiteState, 'scale' | 'fixedStrength'>): Scale {
  if (scale === 'percentile') return PERCENTILE;
  if (scale !== 'fixed') return scale;
  return fixedStrength ? { fixed: fixedStrength } : 'max';
}
