import { type ClassPalette, classPalette, type PaletteName } from '@clearmaps/colormap';

/** A palette for a net of many classes of which few are shown: these take the colours of a net that has no others. */
export function paletteOfSome(count: number, classes: readonly number[], name?: PaletteName): ClassPalette {
  const all = classPalette(count, name);
  const few = classPalette(classes.length, name);
  const colors = all.colors.slice();
  classes.forEach((c, i) => {
    colors.set(few.colors.subarray(3 * i, 3 * i + 3), 3 * c);
  });
  return { ...all, colors };
}
