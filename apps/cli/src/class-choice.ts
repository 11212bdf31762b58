import { type ClassChoice, findClass } from 'clearmaps';
import { UsageError } from './errors.ts';

const ALLOWED =
  'all, top:K, evidence:K, pages:N, or names, numbers and ranges: 3,151-160,"tench, Tinca tinca"';
const COUNTED = ['top', 'evidence', 'pages'] as const;

/**
 * `all`, `top:K`, `evidence:K`, `pages:N`, or a list with commas of names, numbers and ranges `151-160`. A name that
 * holds a comma stands in double quotes, or is given by one of its synonyms.
 *
 * @throws UsageError, ClassChoiceError
 */
export function parseClassChoice(text: string, names: readonly string[]): ClassChoice {
  if (text === 'all') return { classes: names.map((_, i) => i) };
  for (const kind of COUNTED) {
    if (!text.startsWith(`${kind}:`)) continue;
    const count = Number(text.slice(kind.length + 1));
    if (Number.isInteger(count) && count >= 1 && count <= names.length) {
      return { [kind]: count } as unknown as ClassChoice;
    }
    throw new UsageError({
      asked: '--classes',
      got: text,
      allowed: `${kind}:1 to ${kind}:${names.length}`,
    });
  }
  const classes = entries(text).flatMap((entry) => classesOf(entry, names));
  if (new Set(classes).size < classes.length) {
    throw new UsageError({ asked: '--classes', got: text, allowed: 'each class once' });
  }
  return { classes };
}

/** The parts between commas, those in double quotes whole. */
function entries(text: string): string[] {
  const parts = text.match(/\s*(?:"[^"]*"|[^",]+)\s*(?=,|$)/g)?.map((part) => part.trim()) ?? [];
  if (parts.join(',').length < text.replace(/\s*,\s*/g, ',').trim().length) {
    throw new UsageError({ asked: '--classes', got: text, allowed: ALLOWED });
  }
  return parts.map((part) => part.replace(/^"(.*)"$/, '$1'));
}

function classesOf(entry: string, names: readonly string[]): number[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(entry) ?? [];
  if (first === undefined || names.includes(entry)) return [findClass(entry, names, '--classes')];
  const [from, to] = [first, last!].map((end) => findClass(end, names, '--classes')) as [number, number];
  if (from <= to) return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  throw new UsageError({ asked: '--classes', got: entry, allowed: 'ranges from a lower to a higher class' });
}
