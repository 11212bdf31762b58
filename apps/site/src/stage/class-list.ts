import { classHex, firstName } from '@clearmaps/colormap';
import { explanationPalette } from '@clearmaps/element';
import { byId, createElement } from '../create-element.ts';
import { setText } from '../set-text.ts';
import { className, likeliest, type SiteState, type SiteStore } from '../state/site-state.ts';

/** Responses are of any size: 18,000 with one net, 0.0021 with another. */
const TWO_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

interface Row {
  readonly classIndex: number;
  readonly item: HTMLLIElement;
  readonly name: HTMLButtonElement;
  readonly bar: HTMLElement;
  readonly value: HTMLElement;
  readonly only: HTMLButtonElement;
  readonly eye: HTMLButtonElement;
}

/**
 * The classes in their colours: probabilities as bars, or the responses at the pixel that is being looked at. Hover
 * to see a class alone for as long, or press its ring, which touch and keyboard can, too: then it is the only one that
 * is pinned. Press a name to pin it beside others, its dot to take it out.
 */
export function showClassList(store: SiteStore): void {
  const list = byId('classes');
  let rows: readonly Row[] = [];
  let built = '';

  const build = (state: SiteState): void => {
    const { explained } = state;
    if (!explained) return;
    const { classes } = explained.explanation;
    const key = `${explained.model.name} ${classes.join()}`;
    if (key === built) return;
    built = key;
    rows = classes.map((classIndex) => createRow(className(explained.model, classIndex), classIndex, store));
    list.replaceChildren(...rows.map(({ item }) => item));
    list.classList.toggle(
      'wordy',
      classes.some((c) => className(explained.model, c).length > 3),
    );
  };

  store.watch(['net', 'explained', 'cursor', 'palette', 'pinned', 'off', 'solo'], (state) => {
    build(state);
    const { explained, pinned, off, solo } = state;
    list.classList.toggle('waiting', !explained);
    if (!explained) {
      byId('classes-title').textContent = state.net === 'mnist' ? 'Draw a digit' : 'Choose a picture';
      for (const { bar, value } of rows) {
        bar.style.transform = 'scaleX(0)';
        value.textContent = '';
      }
      return;
    }
    const { probabilities } = explained.explanation;
    const palette = explanationPalette(explained.explanation, state.palette);
    const responses = responsesAtCursor(state);
    const best = likeliest(probabilities);
    setText(byId('classes-title'), responses ? readingTitle(state) : title(state, best));
    const strongest = responses && Math.max(...explained.explanation.dominantResponse, 1e-12);
    for (const { classIndex, item, name, bar, value, only, eye } of rows) {
      const probability = probabilities[classIndex]!;
      const response = responses?.get(classIndex);
      const share = response === undefined ? probability : Math.max(0, response / strongest!);
      item.style.setProperty('--class-color', classHex(palette, classIndex));
      bar.style.transform = `scaleX(${Math.min(1, share)})`;
      setText(value, response === undefined ? percent(probability) : TWO_DIGITS.format(response));
      item.classList.toggle('best', classIndex === best);
      const dimmed = off.includes(classIndex) || (pinned.length > 0 && !pinned.includes(classIndex));
      item.classList.toggle('dimmed', dimmed && solo !== classIndex);
      name.ariaPressed = String(pinned.includes(classIndex));
      only.ariaPressed = String(isAlone(state, classIndex));
      eye.ariaPressed = String(off.includes(classIndex));
    }
  });
}

function createRow(label: string, classIndex: number, store: SiteStore): Row {
  const swatch = createElement('span', { class: 'swatch' });
  const name = createElement(
    'button',
    { type: 'button', class: 'class-name', title: `Pin ${label}` },
    swatch,
    createElement('span', {}, firstName(label)),
  );
  const bar = createElement('span', { class: 'bar' });
  const track = createElement('span', { class: 'track' }, bar);
  const value = createElement('span', { class: 'value' });
  const only = iconButton('only', `Only ${label}`);
  const eye = iconButton('eye', `Leave ${label} out`);
  const item = createElement('li', {}, name, track, value, only, eye);
  const flip = (key: 'pinned' | 'off'): void => {
    const before = store.state[key];
    const after = before.includes(classIndex)
      ? before.filter((c) => c !== classIndex)
      : [...before, classIndex];
    store.set({ [key]: after });
  };
  name.addEventListener('click', () => flip('pinned'));
  only.addEventListener('click', () => {
    const { state } = store;
    const off = state.off.filter((c) => c !== classIndex);
    store.set({ pinned: isAlone(state, classIndex) ? [] : [classIndex], off });
  });
  eye.addEventListener('click', () => flip('off'));
  name.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType === 'mouse') store.set({ solo: classIndex });
  });
  name.addEventListener('pointerleave', () => store.set({ solo: undefined }));
  return { classIndex, item, name, bar, value, only, eye };
}

function iconButton(kind: 'only' | 'eye', label: string): HTMLButtonElement {
  return createElement('button', { type: 'button', class: `icon ${kind}`, title: label, ariaLabel: label });
}

function isAlone({ pinned }: SiteState, classIndex: number): boolean {
  return pinned.length === 1 && pinned[0] === classIndex;
}

function responsesAtCursor({ explained, cursor }: SiteState): Map<number, number> | undefined {
  if (!cursor || !explained) return undefined;
  const { shape, classes, maps } = explained.explanation;
  const [, height, width] = shape;
  return new Map(classes.map((c, row) => [c, maps[(row * height + cursor.y) * width + cursor.x]!]));
}

function title({ explained }: SiteState, best: number): string {
  const name = className(explained!.model, best);
  return name.length > 3 ? firstName(name) : `It sees a ${name}`;
}

function readingTitle({ cursor }: SiteState): string {
  const { winner, margin } = document.querySelector('clear-map')!.read(cursor!) ?? {};
  if (!winner) return 'No class takes part';
  const lead = margin === undefined ? '' : `, by ${TWO_DIGITS.format(margin)}`;
  return `Here: ${firstName(winner.className)}${lead}`;
}

function percent(probability: number): string {
  return `${(100 * probability).toFixed(probability > 0.9995 || probability < 0.0005 ? 0 : 1)} %`;
}
