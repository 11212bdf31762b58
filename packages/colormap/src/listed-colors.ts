import type { UnitRgb } from './hsv.ts';

const GOLDEN_RATIO_INVERSE = (Math.sqrt(5) - 1) / 2;

/** Share of white in a colour that comes round again: 0 at first, then spread over 0.2..0.8 without repeats. */
function whiteShare(round: number): number {
  return round === 0 ? 0 : 0.2 + 0.6 * ((round * GOLDEN_RATIO_INVERSE) % 1);
}

/**
 * A palette row from a list of colours, `rrggbb` with spaces between, all safe for colour-blind people.
 * Repeats are mixed with white and never with black, which would look like a weak response.
 */
export function listed(hexes: string) {
  const base = hexes.split(' ').map(unitRgb);
  return {
    baseCount: base.length,
    colorBlindSafe: true,
    color(classIndex: number): UnitRgb {
      const share = whiteShare(Math.floor(classIndex / base.length));
      const [red, green, blue] = base[classIndex % base.length]!;
      return [red + (1 - red) * share, green + (1 - green) * share, blue + (1 - blue) * share];
    },
  };
}

function unitRgb(hex: string): UnitRgb {
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [channel(0), channel(2), channel(4)];
}
