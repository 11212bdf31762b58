import { DEFAULT_RULE } from '@clearmaps/deconvnet/graph';
import type { ClearMapElement, ElementView, PixelEvent } from '@clearmaps/element';
import { byId, createElement } from '../create-element.ts';
import { setText } from '../set-text.ts';
import { className, type SiteState, type SiteStore, shortName } from '../state/site-state.ts';
import { scaleOf } from './scale-of.ts';
import { SmallMaps } from './small-maps.ts';

/** What each view shows, in the words of a caption. */
const CAPTIONS: Readonly<Record<ElementView, readonly [title: string, text: string]>> = {
  clear: ['CLEAR map', 'colour is the class, light its strength'],
  overlay: ['Overlay', 'the map on the picture'],
  heatmap: ['Heatmap', 'hot: for the class, green: for another'],
  binary: ['Binary map', 'red: for the class, blue: against'],
  response: ['Response', 'of one class: red is positive, blue negative'],
  original: ['Picture', 'as the network gets it'],
};

/** Always the same: what has not changed is not drawn again. */
const NO_NAMES: readonly string[] = [];

/** The large map and the small ones beside it, in step: the same pixel, the same classes. */
export function showMaps(store: SiteStore): void {
  const large = byId<ClearMapElement>('map');
  // Beside the methods: who chooses one does not see the large map.
  const byMethod = byId<ClearMapElement>('method-map');
  const tiles = (Object.keys(CAPTIONS) as ElementView[]).map((view) => createTile(view, store));
  byId('tiles').replaceChildren(...tiles.map(({ figure }) => figure));
  for (const map of [large, byMethod, ...tiles.map((tile) => tile.map)]) {
    map.addEventListener('pixel', (event) => {
      const { detail } = event as PixelEvent;
      store.set({ cursor: detail ? { x: detail.x, y: detail.y } : undefined });
    });
  }
  const small = new SmallMaps(() => ({ ...sharedProperties(store.state), cursor: store.state.cursor }));
  small.show([...tiles.map(({ map }) => map), byMethod]);
  store.watch(['cursor'], ({ cursor }) => {
    large.cursor = cursor;
    small.update();
  });
  const shared = [
    'explained',
    'palette',
    'scale',
    'fixedStrength',
    'opacity',
    'solo',
    'pinned',
    'off',
    'target',
  ];
  store.watch(shared as (keyof SiteState)[], (state) => {
    Object.assign(large, sharedProperties(state));
    small.update();
  });
  store.watch(['view', 'explained'], ({ view, explained }) => {
    large.view = byMethod.view = explained ? view : 'clear';
    const [title, text] = CAPTIONS[view];
    large.label = title;
    const { method = DEFAULT_RULE } = explained?.asked ?? {};
    const by = method === DEFAULT_RULE ? '' : `; by ${method}`;
    setText(byId('map-caption'), `${view === 'clear' ? '' : `${title}: `}${text}${by}`);
    for (const { title, map } of tiles) title.ariaPressed = String(map.view === view);
  });
  listResponses(store);
}

/** What all maps have in common. */
export function sharedProperties(state: SiteState): Partial<ClearMapElement> {
  const { explained, palette, opacity, solo, pinned, off, target } = state;
  return {
    explanation: explained?.explanation,
    picture: explained?.raster,
    classNames: explained?.model.classNames ?? NO_NAMES,
    palette,
    opacity,
    scale: scaleOf(state),
    solo,
    pinned,
    off,
    target:
      explained && target !== undefined && explained.explanation.classes.includes(target)
        ? target
        : undefined,
  };
}

function createTile(view: ElementView, store: SiteStore) {
  const [name, text] = CAPTIONS[view];
  const map = createElement('clear-map', { view, label: name });
  const title = createElement('button', { type: 'button', class: 'tile-title' }, name);
  title.addEventListener('click', () => store.set({ view }));
  const caption = createElement('figcaption', {}, title, createElement('span', {}, text));
  return { map, title, figure: createElement('figure', { class: 'tile' }, map, caption) };
}

/** The response map of every class, small. */
function listResponses(store: SiteStore): void {
  const list = byId('responses');
  const panel = byId<HTMLDetailsElement>('all-responses');
  const small = new SmallMaps(() => ({
    explanation: store.state.explained?.explanation,
    cursor: store.state.cursor,
  }));
  let shown = '';
  const update = (): void => {
    const { explained } = store.state;
    if (!explained || !panel.open) return;
    const { explanation, model } = explained;
    const key = `${model.name} ${explanation.classes.join()}`;
    if (key !== shown) {
      shown = key;
      const maps = explanation.classes.map((target) =>
        createElement('clear-map', {
          view: 'response',
          target,
          label: `Response of ${className(model, target)}`,
        }),
      );
      const names = explanation.classes.map((c) => shortName(model, c));
      list.replaceChildren(
        ...maps.map((map, i) => createElement('figure', {}, map, createElement('figcaption', {}, names[i]!))),
      );
      small.show(maps);
    }
    small.update();
  };
  panel.addEventListener('toggle', update);
  store.watch(['explained', 'cursor'], update);
}
