import { pictureRaster, type Raster } from '@clearmaps/colormap';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { MethodExplanation } from '@clearmaps/methods';
import type { Picture } from '@clearmaps/models';
import { type Clearmaps, chooseClasses } from 'clearmaps';
import { atRest } from './at-rest.ts';
import { bundledNet } from './bundled-nets.ts';
import { messageOf } from './errors.ts';
import { KeptEngine } from './kept-engine.ts';
import { KeptMethod } from './methods/kept-method.ts';
import { sweepRule } from './methods/sweep-rule.ts';
import { newestOnly } from './newest-only.ts';
import { backendInWorkers } from './start-engine.ts';
import {
  ASKED,
  askedOf,
  INITIAL,
  isAnswered,
  type SiteState,
  type SiteStore,
  sameMethod,
} from './state/site-state.ts';

/** Up to this many classes are asked for all at once; of more, a page and those that a visitor adds. */
const MOST_CLASSES = 24;
export const CLASSES_A_PAGE = 10;
const LONG_MILLISECONDS = 600;

/**
 * Keeps the explanation true to the state: the net, the backend, the picture, the method and what it starts from. One
 * explanation at a time, always of the newest picture. A way back through the layers follows the pen, and so does
 * what has shown to be as quick; other methods wait until the pen rests, and end when it moves on.
 *
 * @param readPad puts what has been drawn since into the state; called when the engine has time for it
 * @returns to be called when there is something new on the pad
 */
export function startSession(store: SiteStore, readPad: () => void): () => void {
  const engine = new KeptEngine(backendInWorkers);
  const method = new KeptMethod();
  let reading = false;
  /** What is over before a visitor could stop it need not be stopped, nor tell how far it has come. */
  let quick: (Pick<SiteState, 'method' | 'settings'> & { readonly cm: Clearmaps }) | undefined;
  /** Ends what runs now, where something else is wanted. */
  let endUnwanted: (() => void) | undefined;

  const follows = (state: SiteState): boolean =>
    sweepRule(state.method) !== undefined || (quick !== undefined && sameMethod(quick, state));

  const explain = async (): Promise<(() => void) | undefined> => {
    reading = true;
    readPad();
    reading = false;
    const { state } = store;
    const { net, model, picture, backend: choice } = state;
    if (!model || isAnswered(state)) return undefined;
    if (!picture || !fits(picture, model)) {
      store.set({ explained: undefined });
      // The engine starts while the visitor picks a picture.
      await engine.of(model, choice);
      return undefined;
    }
    const cm = await engine.of(model, choice);
    const start = performance.now();
    const work = quick?.cm === cm && sameMethod(quick, state) ? undefined : beginWork(store);
    // A pen does not stop the maps that follow it.
    endUnwanted = net === 'own' || !follows(state) ? work?.stop : undefined;
    let explanation: MethodExplanation;
    try {
      const classes = cm.classCount > MOST_CLASSES ? await someClasses(cm, picture, state) : undefined;
      const { signal, onProgress } = work ?? {};
      explanation = await method.explain(cm, picture, state, { classes, signal, onProgress });
    } catch (error) {
      if (work?.signal.aborted) return undefined;
      if (!goBack(store, state, messageOf(error))) throw error;
      return undefined;
    } finally {
      endUnwanted = undefined;
      work?.end();
    }
    const milliseconds = performance.now() - start;
    quick = milliseconds < LONG_MILLISECONDS / 2 ? { ...askedOf(state), cm } : undefined;
    return () => {
      // Another net has been chosen meanwhile: the next run is its own.
      if (store.state.model !== model) return;
      const raster = rasterOf(picture);
      const { backend } = cm;
      const asked = askedOf(state);
      store.set({ explained: { asked, explanation, model, picture, raster, backend, milliseconds } });
      if (store.state.problem === told) store.set({ problem: undefined });
    };
  };
  /** What went wrong here last: gone as soon as it goes well. */
  let told: string | undefined;
  const tell = (error: unknown): void => {
    told = messageOf(error);
    store.set({ problem: told });
  };
  const update = newestOnly(explain, tell);
  const updateAtRest = atRest(update);
  const ask = (): void => {
    endUnwanted?.();
    if (follows(store.state)) update();
    else updateAtRest();
  };

  const loadNet = newestOnly(async () => {
    const { net } = store.state;
    if (net === 'own') return;
    const model = await bundledNet(net);
    if (store.state.net === net) store.set({ model });
  }, tell);

  store.watch(['net'], loadNet);
  store.watch(['model', 'picture', ...ASKED], () => {
    if (!reading) ask();
  });
  return ask;
}

/**
 * From a method that cannot be had of this net, to the one whose map is shown, or that of a first visit.
 *
 * @returns false where it was that one: then it is not for the method
 */
function goBack(store: SiteStore, failed: SiteState, problem: string): boolean {
  const { explained } = store.state;
  const before = explained?.model === failed.model ? explained!.asked : INITIAL;
  if (sameMethod(before, failed)) return false;
  const { method, settings, seed } = before;
  // The visitor may have chosen another one meanwhile.
  if (sameMethod(store.state, failed)) store.set({ method, settings, seed, problem });
  return true;
}

/** Shows how far a long explanation has come, and lets the visitor stop it; a short one is over before. */
function beginWork(store: SiteStore) {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  let working: SiteState['working'] = { share: 0, stop };
  const timer = setTimeout(() => store.set({ working }), LONG_MILLISECONDS);
  return {
    signal: abort.signal,
    stop,
    onProgress(done: number, total: number): void {
      working = { share: done / total, stop };
      if (store.state.working) store.set({ working });
    },
    end(): void {
      clearTimeout(timer);
      store.set({ working: undefined });
    },
  };
}

/** The likeliest ten, or ten further down, and what was asked for beside them. */
async function someClasses(
  cm: Clearmaps,
  picture: Picture,
  { page, alsoAsked }: SiteState,
): Promise<number[]> {
  const pages = await chooseClasses(cm, picture, { pages: CLASSES_A_PAGE });
  return [...new Set([...pages[page % pages.length]!, ...alsoAsked])];
}

export function fits({ width, height }: Picture, { inputShape }: LayerGraph): boolean {
  return height === inputShape[0] && width === inputShape[1];
}

/** A picture as the views show it, without its transparency. */
export function rasterOf({ data, width, height, channels }: Picture): Raster {
  if (channels !== 4) return pictureRaster({ data, shape: [height, width, channels] });
  const raster = pictureRaster({ data: new Uint8Array(width * height), shape: [height, width, 1] });
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) raster.data[i + c] = (data[i + c]! * data[i + 3]!) / 255;
  }
  return raster;
}
