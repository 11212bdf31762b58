import type { CommonScale } from '@clearmaps/colormap';
import { type Explanation, type GraphPlan, planFor } from '@clearmaps/deconvnet/graph';
import type { ClearMapElement } from '@clearmaps/element';
import type { MethodName } from '@clearmaps/methods';
import { atRest } from '../at-rest.ts';
import { byId, createElement } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { KeptEngine } from '../kept-engine.ts';
import { type SweepMethod, sweepRule } from '../methods/sweep-rule.ts';
import { newestOnly } from '../newest-only.ts';
import { offerTargets } from '../panels/target-choice.ts';
import { scaleOf } from '../stage/scale-of.ts';
import { type Explained, type SiteState, type SiteStore, shortName, targetOf } from '../state/site-state.ts';
import { Turns } from '../turns.ts';
import { KINDS, sentencesOf } from './layer-sentences.ts';
import { channelOf, channelSum, strongestChannels } from './response-channels.ts';
import { createTile, type ResponseTile, refill } from './response-tile.ts';
import { showSwitches } from './switch-figure.ts';
import { type WalkStop, walkStops } from './walk-stops.ts';

/** Channels that are shown beside their sum. */
const MOST_CHANNELS = 8;

/** What a press leads to: another stop, or another channel; undefined for all channels added up. */
interface Moves {
  readonly go: (to: number) => void;
  readonly look: (channel: number | undefined) => void;
}

/** One class's way back: every response on it, of one sweep. */
interface Walk {
  readonly of: Explained;
  readonly stops: readonly WalkStop[];
  readonly target: number;
  /** By which the rule goes back: relevance has fewer stops where layers are folded into others. */
  readonly plan: GraphPlan;
  readonly rule: SweepMethod;
  readonly seed: SiteState['seed'];
  readonly explanation: Explanation;
  /** What arrives at each stop: [h*w, c]. */
  readonly responses: readonly Float32Array[];
}

/** Walks from the feature map back to the pixels, layer by layer, with what arrives at each and what becomes of it. */
export function showWalk(store: SiteStore, panel: HTMLDetailsElement): void {
  const slider = byId<HTMLInputElement>('step');
  const engine = new KeptEngine();
  let walk: Walk | undefined;
  /** The channel looked at; undefined for their sum. */
  let channel: number | undefined;

  const turns = new Turns();
  let latest: Promise<void> | undefined;
  const tell = (error: unknown): void => store.set({ problem: messageOf(error) });
  const show = (): void => {
    if (!walk) return;
    const left = drawStop(walk, slider.valueAsNumber, channel, store.state, { go, look });
    byId('walk-body').ariaBusy = 'true';
    const drawn = turns
      .take(left)
      .catch(tell)
      .then(() => {
        if (latest === drawn) byId('walk-body').ariaBusy = 'false';
      });
    latest = drawn;
  };
  const go = (to: number): void => {
    slider.value = String(to);
    channel = undefined;
    show();
  };
  const look = (chosen: number | undefined): void => {
    channel = chosen;
    show();
  };

  const update = newestOnly(async () => {
    const { explained, backend } = store.state;
    if (!explained || !panel.open) return;
    const { asked, model, picture } = explained;
    const { seed } = asked;
    const rule = sweepRule(asked.method);
    tellWhetherThereIsOne(asked.method);
    if (!rule) return;
    const same = walk?.of.model === model && walk.rule === rule ? walk : undefined;
    const plan = same?.plan ?? planFor(model, rule);
    const stops = same?.stops ?? walkStops(plan);
    const target = targetOf(store.state)!;
    const cm = await engine.of(model, backend);
    const layers = stops.slice(0, -1).map(({ name }) => name);
    const explanation = await cm.explain(picture, {
      rule,
      seed,
      classes: [target],
      responses: true,
      layers,
    });
    if (store.state.explained?.model !== model) return;
    if (!same) {
      const names = stops.map(({ name }) => name);
      // Of another rule the visitor stays at the same layer, where it is one of its stops, too.
      const before = walk?.of.model === model ? walk.stops[slider.valueAsNumber]!.name : undefined;
      const at = before === undefined ? -1 : names.indexOf(before);
      if (at < 0) channel = undefined;
      slider.max = String(stops.length - 1);
      slider.value = String(Math.max(at, 0));
      drawRail(stops);
    }
    const responses = [...explanation.layers!.map((layer) => layer.responses), explanation.responses!];
    walk = { of: explained, stops, plan, target, rule, seed, explanation, responses };
    show();
  }, tell);

  offerTargets(store, byId<HTMLSelectElement>('walk-class'));
  slider.addEventListener('input', () => go(slider.valueAsNumber));
  byId('walk-back').addEventListener('click', () => go(slider.valueAsNumber - 1));
  byId('walk-on').addEventListener('click', () => go(slider.valueAsNumber + 1));
  byId('walk-rail').addEventListener('click', ({ target }) => {
    const bar = (target as Element).closest('span');
    if (bar) go([...bar.parentElement!.children].indexOf(bar));
  });
  panel.addEventListener('toggle', update);
  store.watch(['explained'], atRest(update));
  store.watch(['target'], update);
  store.watch(['scale'], show);
}

/** Other methods have no way back that could be followed. */
function tellWhetherThereIsOne(method: MethodName): void {
  const none = sweepRule(method) === undefined;
  for (const id of ['walk-controls', 'walk-body']) byId(id).hidden = none;
  byId('no-walk').hidden = !none;
  byId('no-walk').textContent =
    `There is no way to follow with ${method}: its map is not what comes back through the layers once, by a rule. Choose one of back-projection or relevance propagation to walk.`;
}

/** A bar a stop, as tall as its map: what is small at the scores widens towards the pixels. For the eye alone. */
function drawRail(stops: readonly WalkStop[]): void {
  const tallest = Math.max(...stops.map(({ shape: [h] }) => h));
  byId('walk-rail').replaceChildren(
    ...stops.map(({ name, layer, shape: [h] }) => {
      const bar = createElement('span', { title: name, class: layer ? `is-${layer.type}` : 'is-pixels' });
      bar.style.height = `${Math.round(100 * Math.sqrt(h / tallest))}%`;
      return bar;
    }),
  );
}

/** @returns what is left to be drawn, in order */
function drawStop(
  walk: Walk,
  at: number,
  channel: number | undefined,
  state: SiteState,
  { go, look }: Moves,
): (() => unknown)[] {
  const { stops, plan, target, of, rule, seed } = walk;
  const stop = stops[at]!;
  const { layer, shape, name } = stop;
  const [height, width, channels] = shape;
  const values = walk.responses[at]!;
  const sum = channelSum(values, channels);
  const map = channel === undefined ? sum.map : channelOf(values, channels, channel);
  const title = layer ? `${name}, ${KINDS[layer.type]}` : 'The pixels';
  const what = channel === undefined ? 'all channels added up' : `channel ${channel}`;

  const slider = byId<HTMLInputElement>('step');
  slider.setAttribute('aria-valuetext', `${title}, stop ${at + 1} of ${stops.length}`);
  byId<HTMLButtonElement>('walk-back').disabled = at === 0;
  byId<HTMLButtonElement>('walk-on').disabled = at === stops.length - 1;
  for (const [i, bar] of [...byId('walk-rail').children].entries()) bar.classList.toggle('here', i === at);

  byId('step-title').textContent = title;
  byId('step-shape').textContent =
    `For “${shortName(of.model, target)}”, stop ${at + 1} of ${stops.length}: ${width}×${height} places, ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
  const sentences = sentencesOf(plan, stop, rule, seed);
  const silent = values.every((value) => value === 0);
  byId('step-text').textContent = [
    ...(silent ? [`Nothing arrives here for ${shortName(of.model, target)}.`] : []),
    ...sentences,
  ].join(' ');

  // What full colour is fixed to at the pixels says nothing of other layers.
  const scale = (state.scale === 'percentile' ? scaleOf(state) : 'max') as CommonScale;
  const large = byId<ClearMapElement>('step-map');
  const left: (() => unknown)[] = [() => large.updateComplete];
  const paint = (draw: () => void): void => void left.push(draw);
  Object.assign(large, {
    explanation: explanationOf(walk, shape, map),
    target,
    classNames: of.model.classNames ?? [],
    scale,
    label: `Responses for ${shortName(of.model, target)} at ${name}, ${what}`,
  });

  const strongest = channels === 1 ? [] : strongestChannels(values, channels, MOST_CHANNELS);
  const together: ResponseTile = {
    ...sum,
    shape,
    scale,
    caption: 'all',
    name: 'All channels added up',
    pressed: channel === undefined,
    press: () => look(undefined),
  };
  const tiles = strongest.map(
    (one): ResponseTile => ({
      ...one,
      shape,
      scale,
      caption: `${one.channel}`,
      name: `Channel ${one.channel}`,
      pressed: channel === one.channel,
      press: () => look(channel === one.channel ? undefined : one.channel),
    }),
  );
  const fill = (group: HTMLElement, shown: readonly ResponseTile[]): void =>
    refill(
      group,
      shown.map((tile) => createTile(tile, paint)),
    );
  fill(byId('step-channels'), tiles.length === 0 ? [] : [together, ...tiles]);
  fill(byId('step-parts'), partTiles(walk, stop, values, scale, go));
  byId('switches').hidden = layer?.type !== 'maxPool2d';
  if (layer?.type === 'maxPool2d') {
    const loudest = channel ?? strongest[0]?.channel ?? 0;
    paint(() => showSwitches(layer, stop.inputShapes[0]!, walk.explanation.layers![at]!, loudest));
  }
  return left;
}

/** A stop's map as `<clear-map>` takes it. */
function explanationOf(
  { explanation, target }: Walk,
  [height, width, channels]: WalkStop['shape'],
  map: Float32Array,
): Explanation {
  return {
    shape: [1, height, width, channels],
    classes: [target],
    logits: explanation.logits,
    probabilities: explanation.probabilities,
    maps: map,
    evidence: Float32Array.of(map.reduce((total, value) => total + Math.max(value, 0), 0)),
    dominantClass: new Int32Array(map.length).fill(target),
    // Of these, full colour is the largest: whichever its sign.
    dominantResponse: map.map(Math.abs),
  };
}

/** What a join hands to each of its inputs; a press goes there. */
function partTiles(
  { stops }: Walk,
  { layer, shape, inputShapes }: WalkStop,
  values: Float32Array,
  scale: CommonScale,
  go: Moves['go'],
): ResponseTile[] {
  if (layer?.type !== 'concat' && layer?.type !== 'add') return [];
  const channels = shape[2];
  let begin = 0;
  return layer.inputs.map((input, k) => {
    const count = inputShapes[k]![2];
    const from = layer.type === 'concat' ? begin : 0;
    begin += count;
    const sum = channelSum(values, channels, from, from + count);
    const to = stops.findIndex(({ name }) => name === input);
    return { ...sum, shape, scale, caption: input, name: `What goes to ${input}`, press: () => go(to) };
  });
}
