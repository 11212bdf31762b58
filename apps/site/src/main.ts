import '@clearmaps/element/define';
import type { Picture } from '@clearmaps/models';
import { byId } from './create-element.ts';
import { messageOf, SiteError } from './errors.ts';
import { centerDigit } from './input/center-digit.ts';
import { DrawingPad } from './input/drawing-pad.ts';
import { drawOpeningStroke } from './input/opening-stroke.ts';
import { fitOwnPicture } from './input/own-picture.ts';
import { listenForPictures } from './input/picture-sources.ts';
import { keepOffline } from './keep-offline.ts';
import { showBackends } from './panels/backends.ts';
import { showClassPages } from './panels/class-pages.ts';
import { showErasing } from './panels/erasing.ts';
import { showLooks } from './panels/looks.ts';
import { showMethods } from './panels/methods.ts';
import { showOwnModel } from './panels/own-model.ts';
import { showRandomising } from './panels/randomising.ts';
import { showTakeAway } from './panels/take-away.ts';
import { showWorking } from './panels/working.ts';
import { rasterOf, startSession } from './session.ts';
import { showClassList } from './stage/class-list.ts';
import { showMaps } from './stage/maps.ts';
import { showSamples } from './stage/samples.ts';
import { fromFragment } from './state/link.ts';
import {
  DIGIT_LOOKS,
  FRESH,
  INITIAL,
  type NetName,
  PHOTO_LOOKS,
  type SiteState,
} from './state/site-state.ts';
import { Store } from './state/store.ts';
import { followTheme } from './theme.ts';
import { showWalk } from './walk/show-walk.ts';

followTheme();
const store = new Store<SiteState>(INITIAL);
const onProblem = (problem: string): void => store.set({ problem });

let stopOpening = (): void => {};
let askAgain = (): void => {};
const takeDrawing = (): void => store.set({ picture: centerDigit(pad.takeInk()) });
const readPad = (): void => {
  if (store.state.net === 'mnist' && pad.hasNewInk) takeDrawing();
};
const endOpening = (): void => {
  stopOpening();
  stopOpening = () => {};
};
const pad = new DrawingPad(byId('pad'), { onStart: endOpening, onInk: () => askAgain(), onDraw: readPad });
byId('clear-pad').addEventListener('click', () => {
  endOpening();
  pad.clear();
});

/** A picture that was not drawn: on the pad too, where the pad is. */
function take(picture: Picture): void {
  endOpening();
  if (store.state.net === 'mnist') pad.show(picture);
  store.set({ picture, cursor: undefined, page: 0 });
}

showMaps(store);
showClassList(store);
showSamples(store, take);
showLooks(store);
showBackends(store);
showMethods(store);
showWorking(store);
showErasing(store, byId<HTMLDetailsElement>('erasing'));
showRandomising(store, byId<HTMLDetailsElement>('randomising'));
showWalk(store, byId<HTMLDetailsElement>('stepping'));
showTakeAway(store);
showClassPages(store);
const takeModel = showOwnModel(store);
listenForPictures(
  async (source) => {
    const { net, model } = store.state;
    if (model) return take(await fitOwnPicture(source, net, model));
    throw new SiteError({ asked: 'to look at a picture', got: 'no network yet', remedy: 'Load one first.' });
  },
  takeModel,
  onProblem,
);

for (const tab of document.querySelectorAll<HTMLButtonElement>('nav [data-net]')) {
  tab.addEventListener('click', () => switchTo(tab.dataset.net as NetName));
}
function switchTo(net: NetName): void {
  if (net === store.state.net) return;
  endOpening();
  const model = net === 'own' ? store.state.ownModel?.model : undefined;
  store.set({ ...FRESH, net, model, ...(net === 'own' ? PHOTO_LOOKS : DIGIT_LOOKS) });
  byId<HTMLDetailsElement>('own').open = !model;
  if (net === 'mnist') takeDrawing();
  if (net === 'svhn') takeFirstSample();
}
function takeFirstSample(): void {
  document.querySelector<HTMLButtonElement>('#samples-right button')?.click();
}

store.watch(['net', 'model'], ({ net, model }) => {
  for (const tab of document.querySelectorAll<HTMLButtonElement>('nav [data-net]')) {
    tab.ariaPressed = String(tab.dataset.net === net);
  }
  document.body.dataset.net = net;
  byId('own').hidden = net !== 'own';
  document.body.classList.toggle('no-network', net === 'own' && !model);
});
store.watch(['picture'], ({ picture }) => {
  const canvas = byId<HTMLCanvasElement>('picture');
  if (!picture) return canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
  const raster = rasterOf(picture);
  // Setting a size makes a new bitmap, so it is set only where it changes.
  if (canvas.width !== raster.width) canvas.width = raster.width;
  if (canvas.height !== raster.height) canvas.height = raster.height;
  canvas.getContext('2d')!.putImageData(new ImageData(raster.data, raster.width), 0, 0);
});
store.watch(['problem'], ({ problem }) => {
  byId('problem').hidden = !problem;
  byId('problem-text').textContent = problem ?? '';
});
byId('dismiss').addEventListener('click', () => store.set({ problem: undefined }));

/** The picture of a link first; else a digit that draws itself, or the first house number. */
async function open(): Promise<void> {
  const fragment = location.hash.slice(1);
  try {
    const choices = await fromFragment(fragment);
    store.set(choices);
    if (choices.picture && store.state.net === 'mnist') pad.show(choices.picture);
    if (choices.picture) return;
  } catch (error) {
    onProblem(messageOf(error));
  }
  if (store.state.net === 'mnist') stopOpening = drawOpeningStroke(pad, readPad);
  if (store.state.net === 'svhn') takeFirstSample();
}
void open().then(() => {
  askAgain = startSession(store, readPad);
});
keepOffline().catch(() => {
  // Private windows keep nothing; the site works all the same.
});
