// Finds the colours that 'hues' gives to the classes of models with more than twelve: farthest first in CIEDE2000,
// so that the first n stay as far apart as they can for every n up to forty. All have V = 1: brightness says how
// strong. Prints the list for src/palette.ts.
import { converter, differenceCiede2000, formatHex } from 'culori';

const MOST = 40;
const LEAST_SATURATION = 0.3;
const LEAST_LIGHTNESS = 32;
const difference = differenceCiede2000();
const toLab = converter('lab');

const candidates = [];
for (let h = 0; h < 360; h += 4) {
  for (let s = LEAST_SATURATION; s <= 1.001; s += 0.1) {
    const lab = toLab({ mode: 'hsv', h, s: Math.min(s, 1), v: 1 });
    if (lab.l >= LEAST_LIGHTNESS) candidates.push({ lab, hex: formatHex(lab), nearest: Infinity });
  }
}
const grey = toLab({ mode: 'rgb', r: 0.6, g: 0.6, b: 0.6 });
let chosen = candidates.find(({ hex }) => hex === '#ff0000');
const hexes = [];
let least = Infinity;
while (hexes.length < MOST) {
  hexes.push(chosen.hex.slice(1));
  for (const candidate of candidates) {
    candidate.nearest = Math.min(
      candidate.nearest,
      difference(candidate.lab, chosen.lab),
      difference(candidate.lab, grey),
    );
  }
  chosen = candidates.reduce((best, candidate) => (candidate.nearest > best.nearest ? candidate : best));
  if (hexes.length < MOST) least = Math.min(least, chosen.nearest);
}
process.stdout.write(`${hexes.join(' ')}\nleast CIEDE2000 among them ${least.toFixed(1)}\n`);
