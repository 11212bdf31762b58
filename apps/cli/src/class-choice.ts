import type { LayerGraph } from '@clearmaps/deconvnet';
import { UsageError } from './errors.ts';

/** Which classes `--classes` asks for: these, or so many of the highest scores. */
export type ClassChoice = { readonly classes: readonly number[] } | { readonly top: number };

/** The classes of a model by index, named after their number where the model has no names. */
export function classNamesOf(model: LayerGraph, count: number): readonly string[] {
  return model.classNames ?? Array.from({ length: count }, (_, i) => String(i));
}

/** `all`, `top:K` or a list of names and numbers, `3,5`. @throws UsageError */
export function parseClassChoice(text: string, names: readonly string[]): ClassChoice {
  if (text === 'all') return { classes: names.map((_, i) => i) };
  const top = /^top:(\d+)$/.exec(text);
  if (top) {
    const count = Number(top[1]);
    if (count < 1 || count > names.length) {
      throw new UsageError({ asked: '--classes', got: text, allowed: `top:1 to top:${names.length}` });
    }
    return { top: count };
  }
  const classes = text.split(',').map((part) => parseClass('--classes', part.trim(), names));
  if (new Set(classes).size < classes.length) {
    throw new UsageError({ asked: '--classes', got: text, allowed: 'each class once' });
  }
  return { classes };
}

/** Class indices by falling score, the lower index first among equals. */
export function ranked(scores: ArrayLike<number>): number[] {
  return Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** A class by its exact name, its number, or its name whatever the case. @throws UsageError */
export function parseClass(option: string, text: string, names: readonly string[]): number {
  const exact = names.indexOf(text);
  if (exact >= 0) return exact;
  if (/^\d+$/.test(text) && Number(text) < names.length) return Number(text);
  const folded = names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  if (folded >= 0) return folded;
  const shown = names.slice(0, 12).join(', ');
  throw new UsageError({
    asked: option,
    got: `class "${text}"`,
    allowed: `0 to ${names.length - 1}, or a name: ${shown}${names.length > 12 ? ', ...' : ''}`,
  });
}
