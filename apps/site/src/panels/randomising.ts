import type { Explanation, LayerGraph } from '@clearmaps/deconvnet/graph';
import type { ClearMapElement } from '@clearmaps/element';
import { randomisedGraph, weightedLayers } from '@clearmaps/evaluation';
import { mulberry32 } from '@clearmaps/random';
import type { Clearmaps } from 'clearmaps';
import { atRest } from '../at-rest.ts';
import { byId } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { KeptMethod } from '../methods/kept-method.ts';
import { sweepRule } from '../methods/sweep-rule.ts';
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
  const method = new KeptMethod();
  let running: AbortController | undefined;
  let engine: { readonly cm: Clearmaps; readonly model: LayerGraph; readonly count: number } | undefined;

  const update = newestOnly(
    async () => {
      const { explained, backend, net } = store.state;
      if (!explained || !panel.open) return;
      const { asked, model, picture, explanation: before } = explained;
      const names = weightedLayers(model).reverse();
      slider.max = String(names.length);
      const count = Math.min(slider.valueAsNumber, names.length);
      if (engine?.model !== model || engine.count !== count) {
        await method.dispose();
        await engine?.cm.dispose();
        const forgetful = randomisedGraph(model, mulberry32(SEED), names.slice(0, count));
        engine = { cm: await startEngine(forgetful, backend), model, count };
      }
      running = new AbortController();
      const { signal } = running;
      // A way back is over before a visitor could read it.
      if (!sweepRule(asked.method)) byId('forgotten-text').textContent = `${asked.method} is at work…`;
      let explanation: Explanation;
      try {
        explanation = await method.explain(
          engine.cm,
          picture,
          { ...asked, net, backend },
          { classes: before.classes, signal },
        );
      } catch (error) {
        byId('forgotten-text').textContent = '';
        if (signal.aborted) return;
        throw error;
      }
      Object.assign(map, sharedProperties(store.state), { explanation });
      const best = shortName(model, likeliest(explanation.probabilities));
      byId('forgotten-text').textContent =
        count === 0
          ? `Nothing is forgotten: it sees ${best}.`
          : `${count} of ${names.length} layers with random weights, back to ${names[count - 1]}: it sees ${best}.`;
    },
    (error) => store.set({ problem: messageOf(error) }),
  );
  const updateAtRest = atRest(update);
  const ask = (): void => {
    const { explained } = store.state;
    const quick = !explained || sweepRule(explained.asked.method) !== undefined;
    if (!quick) running?.abort();
    (quick ? update : updateAtRest)();
  };
  slider.addEventListener('input', ask);
  panel.addEventListener('toggle', update);
  store.watch(['explained'], updateAtRest);
}
