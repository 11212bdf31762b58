/** How the colours of a picture change. */
export interface ColourChange {
  /** Factor of all values; default 1. */
  readonly brightness?: number;
  /** Factor of the distance from the picture's mean luma; default 1. */
  readonly contrast?: number;
  /** Factor of the distance from a pixel's own luma: 0 is gray; default 1. Nothing for a gray picture. */
  readonly saturation?: number;
  /** Degrees round the colour circle, luma kept; default 0. Nothing for a gray picture. */
  readonly hue?: number;
}

/** Luma of ITU-R BT.601. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114];
/** Blue and red minus luma in the scale of YUV, in which a turn changes the hue alone. */
const [U, V] = [0.492, 0.877];

/**
 * Changes the colours of one picture in place: brightness, then contrast, saturation and hue, cut to 0..255 at the end.
 *
 * @param values [height, width, channels], 0..255; 3 channels are RGB, 1 is gray
 */
export function changeColours(
  values: Float32Array,
  channels: number,
  { brightness = 1, contrast = 1, saturation = 1, hue = 0 }: ColourChange,
): void {
  const lift = (1 - contrast) * brightness * meanLuma(values, channels);
  const gain = brightness * contrast;
  if (channels === 1) {
    for (let i = 0; i < values.length; i++) values[i] = clip(gain * values[i]! + lift);
    return;
  }
  const cos = gain * saturation * Math.cos((hue * Math.PI) / 180);
  const sin = gain * saturation * Math.sin((hue * Math.PI) / 180);
  for (let i = 0; i < values.length; i += 3) {
    const red = values[i]!;
    const blue = values[i + 2]!;
    const before = lumaAt(values, i);
    const luma = gain * before + lift;
    const u = (blue - before) * U;
    const v = (red - before) * V;
    const newRed = luma + (cos * v + sin * u) / V;
    const newBlue = luma + (cos * u - sin * v) / U;
    values[i] = clip(newRed);
    values[i + 1] = clip((luma - RED * newRed - BLUE * newBlue) / GREEN);
    values[i + 2] = clip(newBlue);
  }
}

function meanLuma(values: Float32Array, channels: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += channels) sum += channels === 1 ? values[i]! : lumaAt(values, i);
  return (sum * channels) / values.length;
}

function lumaAt(values: Float32Array, i: number): number {
  return RED * values[i]! + GREEN * values[i + 1]! + BLUE * values[i + 2]!;
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}
