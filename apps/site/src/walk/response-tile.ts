import { type CommonScale, responseMap } from '@clearmaps/colormap';
import { createElement } from '../create-element.ts';
import type { ChannelMap } from './response-channels.ts';
import type { WalkStop } from './walk-stops.ts';

export interface ResponseTile extends ChannelMap {
  readonly shape: WalkStop['shape'];
  readonly scale: CommonScale;
  readonly caption: string;
  /** Of the tile in full, for a tooltip and, after the caption, for screen readers. */
  readonly name: string;
  /** Absent where a press leads away. */
  readonly pressed?: boolean;
  readonly press: () => void;
}

/**
 * A small response map that is a button.
 *
 * @param paint gets what draws the map: of a large one that takes some milliseconds
 */
export function createTile(
  { map, share, shape, scale, caption, name, pressed, press }: ResponseTile,
  paint: (draw: () => void) => void,
) {
  const [height, width] = shape;
  const canvas = createElement('canvas', { width, height });
  paint(() => {
    const { data } = responseMap({ response: map, width, height, scale });
    canvas.getContext('2d')!.putImageData(new ImageData(data, width), 0, 0);
  });
  // Pixels smaller than those of the screen are mixed, not left out.
  canvas.classList.toggle('fine', width > 48);
  const percent = `${Math.round(100 * share)} %`;
  const button = createElement(
    'button',
    { type: 'button', class: 'response-tile', title: `${name}, ${percent} of the strength` },
    canvas,
    createElement('span', {}, caption),
    createElement('span', { class: 'share' }, percent),
  );
  if (pressed !== undefined) button.ariaPressed = String(pressed);
  button.addEventListener('click', press);
  return button;
}

/** New tiles in a group in place of the old; the one that had the focus keeps it. */
export function refill(group: HTMLElement, tiles: readonly HTMLElement[]): void {
  const list = group.querySelector('.tiles-row')!;
  const had = [...list.children].indexOf(document.activeElement!);
  list.replaceChildren(...tiles);
  group.hidden = tiles.length === 0;
  if (had >= 0) tiles[Math.min(had, tiles.length - 1)]?.focus();
}
