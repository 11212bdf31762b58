/** What a reader has chosen out of the classes of an explanation; indices in the model's whole class list. */
export interface ClassChoice {
  /** The only class to look at, while it lasts. */
  readonly solo?: number;
  /** Where there is one or more, only these count. */
  readonly pinned: readonly number[];
  /** Never counted, unless soloed. */
  readonly off: readonly number[];
}

/** The classes that compete for a pixel, in the order of the explanation; classes it lacks are passed over. */
export function shownClasses(classes: readonly number[], { solo, pinned, off }: ClassChoice): number[] {
  if (solo !== undefined && classes.includes(solo)) return [solo];
  const chosen = classes.filter((c) => pinned.includes(c));
  return (chosen.length > 0 ? chosen : classes).filter((c) => !off.includes(c));
}
