import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { ClearMapElement } from '@clearmaps/element';
import { randomisedGraph, weightedLayers } from '@clearmaps/evaluation';
import { mulberry32 } from '@clearmaps/random';
import type { Clearmaps } from 'clearmaps';
import { atRest } from '../at-rest.ts';
import { byId } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { newestOnly } from '../newest-only.ts';
import { sharedProperties } from '../stage/maps.ts';
import { startEngine } from '../start-engine.ts';
import { likeliest, type SiteStore, shortName } from '../state/site-state.ts';

const SEED = 1;

/**
 * A slider that makes the net forget, layer by layer from its output, and the map that is left (cascading
 * randomisation, Adebayo et al. 2018, "Sanity Checks for Saliency Maps", section 3.1).
 */
export function showRandomising(store: SiteStore, panel: HTMLDetailsElement): void {
  const slider = byId<HTMLInputElement>('forgotten');
  const map = byId<ClearMapElement>('forgetful-map');
  let engine: { readonly cm: Clearmaps; readonly model: LayerGraph; readonly count: number } | undefined;

  const update = newestOnly(
    async () => {
      const { explained, backend, rule, seed } = store.state;
      if (!explained || !panel.open) return;
      const { model, picture, explanation: before } = explained;
      const names = weightedLayers(model).reverse();
      slider.max = String(names.length);
      const count = Math.min(slider.valueAsNumber, names.length);
      if (engine?.model !== model || engine.count !== count) {
        await engine?.cm.dispose();
        const forgetful = randomisedGraph(model, mulberry32(SEED), names.slice(0, count));
        engine = { cm: await startEngine(forgetful, backend), model, count };
      }
      const explanation = await engine.cm.explain(picture, { rule, seed, classes: before.classes });
      Object.assign(map, sharedProperties(store.state), { explanation });
      const best = shortName(model, likeliest(explanation.probabilities));
      byId('forgotten-text').textContent =
        count === 0
          ? `Nothing is forgotten: it sees ${best}.`
          : `${count} of ${names.length} layers with random weights, back to ${names[count - 1]}: it sees ${best}.`;
    },
    (error) => store.set({ problem: messageOf(error) }),
  );
  slider.addEventListener('input', update);
  panel.addEventListener('toggle', update);
  store.watch(['explained'], atRest(update));
}
