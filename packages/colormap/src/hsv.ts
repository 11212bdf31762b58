/** Red, green, blue, each 0..1. */
export type UnitRgb = readonly [red: number, green: number, blue: number];

/**
 * HSV to RGB, the last step of CLEAR eq. 6.
 *
 * `hue` is in degrees and wraps (360 is 0, -60 is 300); `saturation` and `value` are 0..1. With
 * saturation 1 the answer is linear in value: hsvToRgb(h, 1, v) = v * hsvToRgb(h, 1, 1).
 */
export function hsvToRgb(hue: number, saturation: number, value: number): UnitRgb {
  const sextant = (((hue % 360) + 360) % 360) / 60;
  const channel = (offset: number): number => {
    const k = (sextant + offset) % 6;
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1));
  };
  return [channel(5), channel(3), channel(1)];
}
