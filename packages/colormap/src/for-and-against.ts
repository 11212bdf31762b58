import { requireFinite, requireLength } from './checks.ts';

export interface ForAndAgainst {
  /** [H*W]: R(x|true), signed, unscaled. */
  readonly response: Float32Array;
  /** [H*W]: the largest response of the other classes, see `against`. */
  readonly against: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Which side wins each pixel, and with which response. A tie counts for the class. */
export function splitForAndAgainst({ response, against, width, height }: ForAndAgainst): {
  isFor: (pixel: number) => boolean;
  winner: Float32Array;
} {
  requireLength(response, width * height, 'response');
  requireLength(against, width * height, 'against');
  requireFinite(response, 'response');
  requireFinite(against, 'against');
  return {
    isFor: (pixel) => response[pixel]! >= against[pixel]!,
    winner: response.map((value, pixel) => Math.max(value, against[pixel]!)),
  };
}
