import { requireBetween, requireFinite, requireLength } from './checks.ts';
import { ColormapError } from './errors.ts';

/** One divisor for the whole picture: its maximum, a number, or a percentile of its positive values. */
export type CommonScale = 'max' | { readonly fixed: number } | { readonly percentile: number };

/** A common scale, or each class by its own maximum. */
export type Scale = CommonScale | 'per-class';

export interface StrengthOptions<S extends Scale = Scale> {
  /** What counts as full strength; `'max'` unless told. */
  readonly scale?: S;
  /** V = ratio^gamma; 1 unless told. Below 1 weak responses show better. */
  readonly gamma?: number;
}

/**
 * V of CLEAR eq. 6: how strongly each pixel lights up, 0..1.
 *
 * V = (max(D, 0) / full strength) ^ gamma, where values above full strength become 1. Full strength is
 * - `'max'`: the largest response of the picture, so that its strongest pixel has V = 1;
 * - `'per-class'`: the largest response among the pixels that share the pixel's class in `classes`;
 * - `{ fixed: x }`: x > 0, for pictures that are to be compared;
 * - `{ percentile: p }`: 0 <= p <= 100, of the positive responses (linear between neighbours), so that a
 *   few spikes do not darken the rest.
 *
 * Where nothing is positive V is 0 everywhere.
 *
 * @param response [H*W], signed, unscaled.
 * @param classes [H*W], needed by `'per-class'` alone.
 * @returns [H*W], 0..1.
 * @throws ColormapError on NaN or infinity, and on a scale or gamma that makes no sense.
 */
export function strength(
  response: Float32Array,
  { scale = 'max', gamma = 1 }: StrengthOptions = {},
  classes?: Int32Array,
): Float32Array {
  requireFinite(response, 'response');
  if (!(gamma > 0 && Number.isFinite(gamma))) {
    throw new ColormapError({ asked: 'gamma', got: String(gamma), allowed: 'finite numbers > 0' });
  }
  const full = scale === 'per-class' ? maximumByClass(response, classes) : fullStrength(response, scale);
  return response.map((value, pixel) => {
    if (value <= 0) return 0;
    const divisor = typeof full === 'number' ? full : full.get(classes![pixel]!)!;
    return Math.min(1, value / divisor) ** gamma;
  });
}

/** The divisor of a common scale; 0 where it is taken from the responses and none is positive. @throws ColormapError */
export function fullStrength(response: Float32Array, scale: CommonScale): number {
  if (scale === 'max') return response.reduce((most, value) => Math.max(most, value), 0);
  // JavaScript callers may pass null or text, which has a method `fixed`: the message below is for them.
  const given: { fixed?: number; percentile?: number } =
    typeof scale === 'object' && scale !== null ? scale : {};
  const { fixed, percentile: percent } = given;
  if (fixed !== undefined) {
    if (fixed > 0 && Number.isFinite(fixed)) return fixed;
    throw new ColormapError({ asked: 'scale.fixed', got: String(fixed), allowed: 'finite numbers > 0' });
  }
  if (percent !== undefined) return percentile(response, percent);
  throw new ColormapError({
    asked: 'scale',
    got: JSON.stringify(scale),
    allowed: '"max", { fixed }, { percentile }, and "per-class" in CLEAR maps',
  });
}

function percentile(response: Float32Array, percent: number): number {
  requireBetween(percent, 0, 100, 'scale.percentile');
  const positive = response.filter((value) => value > 0).sort();
  if (positive.length === 0) return 0;
  const position = ((positive.length - 1) * percent) / 100;
  const below = positive[Math.floor(position)]!;
  return below + (positive[Math.ceil(position)]! - below) * (position % 1);
}

function maximumByClass(response: Float32Array, classes: Int32Array | undefined): Map<number, number> {
  if (!classes) {
    throw new ColormapError({
      asked: 'scale "per-class"',
      got: 'no classes',
      allowed: 'the class of each pixel',
    });
  }
  requireLength(classes, response.length, 'scale "per-class": classes');
  const maximum = new Map<number, number>();
  response.forEach((value, pixel) => {
    const c = classes[pixel]!;
    maximum.set(c, Math.max(value, maximum.get(c) ?? 0));
  });
  return maximum;
}
