import { type ClassPalette, classPalette, type PaletteName, paletteOfSome } from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet/graph';

/** As many colours as people can tell apart. */
const MOST_COLORS = 40;
/** Up to this many classes of a large model keep to their own places in a palette. */
const PLACES = 10;

/**
 * The colours of an explanation's classes: in a model of up to forty classes each has one of its own, whatever is
 * explained. In a larger one those that are explained have them. The first ten take the colour that their index ends
 * in, or the next that no class before them has: of explanations by falling score, then, the likeliest class always
 * has its own, so that two photos of different breeds do not look as if they were of one.
 */
export function explanationPalette(
  { probabilities, shape, classes }: Pick<Explanation, 'probabilities' | 'shape' | 'classes'>,
  name?: PaletteName,
): ClassPalette {
  const count = probabilities.length / shape[0];
  return count <= MOST_COLORS || classes.length > MOST_COLORS
    ? classPalette(count, name)
    : paletteOfSome(count, inTheirPlaces(classes), name);
}

function inTheirPlaces(classes: readonly number[]): number[] {
  const first = classes.slice(0, PLACES);
  const places = new Map<number, number>();
  for (const classIndex of first) {
    let place = classIndex % first.length;
    while (places.has(place)) place = (place + 1) % first.length;
    places.set(place, classIndex);
  }
  return [...first.map((_, place) => places.get(place)!), ...classes.slice(PLACES)];
}
