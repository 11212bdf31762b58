// Searches the colours of the palette 'safe-ten' in src/palette.ts: ten that stay apart for normal sight,
// deuteranopes, protanopes and tritanopes. A seeded hill climb (some 20 s); prints the colours and their least distance.
import {
  converter,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  formatHex,
} from 'culori';

const COUNT = 10;
const STARTS = 200;
const STEPS = 6000;
// A map's brightness says how strong (CLEAR eq. 6, V), so that every colour has V = 1; the picture under an
// overlay is grey, so that no colour is. Pure blue is too dark beside the others.
const LEAST_LIGHTNESS = 40;
const LEAST_CHROMA = 30;

const distance = differenceCiede2000();
const lch = converter('lch');
const sights = [
  (color) => color,
  filterDeficiencyDeuter(1),
  filterDeficiencyProt(1),
  filterDeficiencyTrit(1),
];
// Normal sight is asked for more, or else the search spends its freedom on tints of a few hues.
const WEIGHTS = [0.5, 1, 1, 1];

let seed = 2017;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

function usable(color) {
  const { l, c } = lch(color);
  return l >= LEAST_LIGHTNESS && c >= LEAST_CHROMA;
}

function randomColor() {
  for (;;) {
    const color = { mode: 'hsv', h: 360 * random(), s: random(), v: 1 };
    if (usable(color)) return color;
  }
}

function nearby({ h, s }, reach) {
  const saturation = Math.min(1, Math.max(0, s + (random() - 0.5) * reach));
  const color = { mode: 'hsv', h: (h + 360 + (random() - 0.5) * 180 * reach) % 360, s: saturation, v: 1 };
  return usable(color) ? color : null;
}

const seen = (color) => sights.map((sight) => sight(color));
const apart = (a, b) => Math.min(...a.map((color, i) => WEIGHTS[i] * distance(color, b[i])));

/** Least distance from colour `i` to the others, and the least among all. */
function leastDistance(views) {
  let least = { distance: Infinity, pair: [0, 1] };
  for (let i = 0; i < views.length; i++) {
    for (let j = 0; j < i; j++) {
      const d = apart(views[i], views[j]);
      if (d < least.distance) least = { distance: d, pair: [i, j] };
    }
  }
  return least;
}

function climb() {
  const colors = Array.from({ length: COUNT }, randomColor);
  const views = colors.map(seen);
  let least = leastDistance(views);
  for (let step = 0; step < STEPS; step++) {
    // Only a move of one of the two closest colours can help.
    const i = least.pair[step % 2];
    const candidate = step % 10 === 0 ? randomColor() : nearby(colors[i], 0.5 * (1 - step / STEPS) + 0.02);
    if (!candidate) continue;
    const view = seen(candidate);
    if (views.some((other, j) => j !== i && apart(view, other) <= least.distance)) continue;
    colors[i] = candidate;
    views[i] = view;
    least = leastDistance(views);
  }
  return { colors, ...least };
}

const best = Array.from({ length: STARTS }, climb).reduce((a, b) => (b.distance > a.distance ? b : a));
const byHue = best.colors.sort((a, b) => a.h - b.h);
process.stdout.write(
  `${byHue.map((color) => formatHex(color).slice(1)).join(' ')}\nleast CIEDE2000 ${best.distance.toFixed(1)}\n`,
);
