import type { Dice } from './dice.ts';
import { luma } from './house-colours.ts';
import type { Planes } from './paint.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';
import type { Scene } from './scene.ts';

const { colour: PARAMETERS } = HOUSE_NUMBER_PARAMETERS;

/** The digit stays at least this many levels off its ground. */
const LEAST_VISIBLE = 30;

/** Gives the picture the brightness and contrast of a real crop: SVHN's are mostly flat and hazy. */
export function expose(dice: Dice, planes: Planes, { stroke: { ink }, ground, light }: Scene): void {
  const { red, green, blue, side } = planes;
  const count = side * side;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const level = luma([red[i]!, green[i]!, blue[i]!]);
    sum += level;
    squares += level * level;
  }
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(1, squares / count - mean * mean));

  const { median, sigma } = PARAMETERS.exposureDeviation;
  const wanted = median * Math.exp(dice.normal(0, sigma));
  const contrast = Math.max(1, Math.abs(luma(ink) - luma(ground)));
  const [low, high] = PARAMETERS.exposureGain;
  const gain = Math.max(LEAST_VISIBLE / contrast, Math.min(high, Math.max(low, wanted / deviation)));

  const { mean: middle, deviation: spread, within } = PARAMETERS.exposureMean;
  const target = Math.min(within[1], Math.max(within[0], dice.normal(middle, spread)));
  let newMean = mean + PARAMETERS.exposurePull * (target - mean);
  // Digit and ground both have to stay on the scale, or clipping would wipe the digit out.
  const ends = [luma(ink), luma(ground)].map((level) => newMean + gain * (level - mean));
  newMean -= Math.max(0, Math.max(...ends) - 258);
  newMean += Math.max(0, -3 - Math.min(...ends));

  const curve = gammaCurve(dice.between(PARAMETERS.gamma));
  const { tone } = light;
  const chroma = gain * dice.between(PARAMETERS.chromaGain);
  for (let i = 0; i < count; i++) {
    const level = luma([red[i]!, green[i]!, blue[i]!]);
    const exposed = newMean + gain * (level - mean);
    red[i] = curve(exposed + tone[0] + chroma * (red[i]! - level));
    green[i] = curve(exposed + tone[1] + chroma * (green[i]! - level));
    blue[i] = curve(exposed + tone[2] + chroma * (blue[i]! - level));
  }
}

function gammaCurve(gamma: number): (level: number) => number {
  const table = Float32Array.from({ length: 257 }, (_, i) => 255 * (Math.min(i, 255) / 255) ** gamma);
  return (level) => {
    if (level <= 0) return 0;
    if (level >= 255) return 255;
    const i = level | 0;
    return table[i]! + (table[i + 1]! - table[i]!) * (level - i);
  };
}
