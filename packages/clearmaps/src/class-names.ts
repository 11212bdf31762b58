import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { distance } from 'fastest-levenshtein';
import { ClassChoiceError } from './errors.ts';

/** How many near names an error tells. */
const SUGGESTED = 4;

/** The classes of a model by index, named after their number where the model has no names. */
export function classNamesOf(model: LayerGraph, count: number): readonly string[] {
  return model.classNames ?? Array.from({ length: count }, (_, i) => String(i));
}

/**
 * A class by its name, its number, or, whatever the case, its name or one of the synonyms of which the name is a list:
 * "Tinca tinca" of "tench, Tinca tinca".
 *
 * @param asked what wants the class, for the error: `--classes`
 * @throws ClassChoiceError naming the nearest names
 */
export function findClass(text: string, names: readonly string[], asked = 'a class'): number {
  const exact = names.indexOf(text);
  if (exact >= 0) return exact;
  if (/^\d+$/.test(text) && Number(text) < names.length) return Number(text);
  const wanted = text.trim().toLowerCase();
  const folded = names.map((name) => name.toLowerCase());
  const whole = folded.indexOf(wanted);
  if (whole >= 0) return whole;
  const synonym = folded.findIndex((name) => synonymsOf(name).includes(wanted));
  if (synonym >= 0) return synonym;
  throw new ClassChoiceError({
    asked,
    got: `class "${text}"`,
    allowed: `0 to ${names.length - 1}, or a name; the nearest are ${nearest(wanted, names).join(', ')}`,
  });
}

/** Names that hold the text come first, then those that take the fewest changes of a letter. */
function nearest(wanted: string, names: readonly string[]): string[] {
  const changes = (name: string): number =>
    Math.min(
      ...synonymsOf(name.toLowerCase()).map((synonym) =>
        wanted !== '' && synonym.includes(wanted) ? 0 : distance(wanted, synonym),
      ),
    );
  return names
    .map((name, index) => ({ name: `"${synonymsOf(name)[0]}" (${index})`, changes: changes(name) }))
    .sort((a, b) => a.changes - b.changes)
    .slice(0, SUGGESTED)
    .map(({ name }) => name);
}

function synonymsOf(name: string): string[] {
  return name.split(',').map((part) => part.trim());
}
