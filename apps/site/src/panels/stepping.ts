import { pictureRaster } from '@clearmaps/colormap';
import type { Explanation, LayerGraph } from '@clearmaps/deconvnet/graph';
import type { ClearMapElement } from '@clearmaps/element';
import { byId } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { newestOnly } from '../newest-only.ts';
import { sharedProperties } from '../stage/maps.ts';
import { startEngine } from '../start-engine.ts';
import type { SiteState, SiteStore } from '../state/site-state.ts';
import { cuts, headOf, isChain, tailOf } from './split-graph.ts';
import { switchDensity } from './switch-density.ts';

/** Steps through the way back, from the layer below the class responses to the pixels. */
export function showStepping(store: SiteStore, panel: HTMLDetailsElement): void {
  const slider = byId<HTMLInputElement>('step');
  const map = byId<ClearMapElement>('step-map');
  const text = byId('step-text');

  const update = newestOnly(
    async () => {
      const { state } = store;
      if (!state.explained || !panel.open) return;
      const { model, explanation: whole } = state.explained;
      slider.disabled = !isChain(model);
      if (slider.disabled) {
        text.textContent = 'This network branches; only chains can be stepped through here.';
        return;
      }
      // From the output down to the pixels, as the response travels.
      const places = [...cuts(model)].reverse();
      slider.max = String(places.length);
      const layer = places[Math.min(slider.valueAsNumber, places.length)];
      const step = layer === undefined ? undefined : await explainAt(model, layer, state);
      const explanation = step?.explanation ?? whole;
      drawSwitches(model, layer, step);
      Object.assign(map, sharedProperties(store.state), { explanation });
      const [, height, width, channels] = explanation.shape;
      const type = model.layers.find(({ name }) => name === layer)?.type;
      text.textContent =
        layer === undefined
          ? `At the pixels, ${width}×${height}: the CLEAR map.`
          : `At the output of ${layer} (${type}), ${width}×${height} places, the strength over ${channels} channels.`;
    },
    (error) => store.set({ problem: messageOf(error) }),
  );
  slider.addEventListener('input', update);
  panel.addEventListener('toggle', update);
  store.watch(['explained'], update);
}

/** The responses where they are, and what the net had there on its way forward. */
interface Step {
  readonly explanation: Explanation;
  /** [H, W, C] */
  readonly activations: Float32Array;
}

/** Where the responses have just come through a max pooling: the places that its switches let them through. */
function drawSwitches({ layers }: LayerGraph, layer: string | undefined, step: Step | undefined): void {
  const pool = layers[layers.findIndex(({ name }) => name === layer) + 1];
  const figure = byId('switches');
  figure.hidden = !step || pool?.type !== 'maxPool2d';
  if (!step || pool?.type !== 'maxPool2d') return;
  const { activations, explanation } = step;
  const [, height, width, channels] = explanation.shape;
  const density = switchDensity(activations, [height, width, channels], pool);
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  const raster = pictureRaster({ data: density, shape: [height, width, 1], range: [0, most] });
  const canvas = byId<HTMLCanvasElement>('switch-map');
  Object.assign(canvas, { width, height });
  canvas.getContext('2d')!.putImageData(new ImageData(raster.data, width), 0, 0);
}

/** The responses on their way, at the output of a layer: the net is cut there, and its rest is explained. */
async function explainAt(model: LayerGraph, layer: string, state: SiteState): Promise<Step> {
  const { rule, seed, backend, explained } = state;
  const head = await startEngine(headOf(model, layer), backend);
  let activations: Float32Array;
  try {
    activations = await head.featureMap(explained!.picture);
  } finally {
    await head.dispose();
  }
  const tail = await startEngine(tailOf(model, layer), backend);
  try {
    const explanation = await tail.explain(activations, {
      rule,
      seed,
      classes: explained!.explanation.classes,
      // Before a ReLU the sum over many channels says little: what they add and what they take away cancel.
      reduction: 'l2',
    });
    return { explanation, activations };
  } finally {
    await tail.dispose();
  }
}
