import { paletteNames } from '@clearmaps/colormap';
import { byId } from '../create-element.ts';
import { SCALES, type SiteStore } from '../state/site-state.ts';
import { offerTargets } from './target-choice.ts';

/** How maps are drawn: palette, scale, opacity, and the class that heatmap and binary map speak for. */
export function showLooks(store: SiteStore): void {
  const palette = byId<HTMLSelectElement>('palette');
  palette.append(
    ...paletteNames.map((name) => new Option(name === 'hues' ? 'hues' : `${name} (colour-blind safe)`, name)),
  );
  palette.addEventListener('change', () => store.set({ palette: palette.value as never }));
  const scale = byId<HTMLSelectElement>('scale');
  const names = {
    max: 'the strongest pixel',
    percentile: 'the strongest 3 %',
    'per-class': 'each class by itself',
    fixed: 'as it is now',
  };
  scale.append(...SCALES.map((name) => new Option(names[name], name)));
  scale.addEventListener('change', () => {
    const strongest = Math.max(0, ...(store.state.explained?.explanation.dominantResponse ?? []));
    store.set({ fixedStrength: strongest || undefined, scale: scale.value as never });
  });
  const opacity = byId<HTMLInputElement>('opacity');
  opacity.addEventListener('input', () => store.set({ opacity: opacity.valueAsNumber }));
  offerTargets(store, byId<HTMLSelectElement>('target'));
  store.watch(['palette', 'scale', 'opacity'], (state) => {
    palette.value = state.palette;
    scale.value = state.scale;
    opacity.value = String(state.opacity);
  });
  const reset = byId<HTMLButtonElement>('reset-classes');
  reset.addEventListener('click', () => store.set({ pinned: [], off: [] }));
  store.watch(['pinned', 'off'], ({ pinned, off }) => {
    reset.hidden = pinned.length + off.length === 0;
    byId('pin-hint').hidden = !reset.hidden;
  });
}
