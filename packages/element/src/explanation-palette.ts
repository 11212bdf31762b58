import { type ClassPalette, classPalette, type PaletteName, paletteOfSome } from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet/graph';

/** As many colours as people can tell apart. */
const MOST_COLORS = 40;

/**
 * The colours of an explanation's classes: in a model of up to forty classes each has one of its own, whatever is
 * explained; in a larger one those that are explained have them, in their order.
 */
export function explanationPalette(
  { probabilities, shape, classes }: Pick<Explanation, 'probabilities' | 'shape' | 'classes'>,
  name?: PaletteName,
): ClassPalette {
  const count = probabilities.length / shape[0];
  return count <= MOST_COLORS || classes.length > MOST_COLORS
    ? classPalette(count, name)
    : paletteOfSome(count, classes, name);
}
