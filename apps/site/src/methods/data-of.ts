import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { NetName } from '../state/site-state.ts';

/** Pictures that stand for what a net learnt from, as far as the page has some. */
export type DataName = 'digits' | 'house numbers';

/** Undefined for a net of the visitor's own, but for one that takes digits. */
export function dataOf(net: NetName, { inputShape }: LayerGraph): DataName | undefined {
  if (String(inputShape) === '28,28,1') return 'digits';
  return net === 'svhn' ? 'house numbers' : undefined;
}
