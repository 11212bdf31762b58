import { findClass } from './class-names.ts';
import { ClassChoiceError } from './errors.ts';

/** Classes that count as one. */
export interface ClassGroup {
  readonly name: string;
  /** Indices in the model's class list, each once. */
  readonly classes: readonly number[];
}

/**
 * Groups as JSON states them: an object from group names to lists of classes, by number or name.
 *
 * @throws ClassChoiceError for what is no such object, an empty group, a class that is not there or twice in one
 */
export function readGroups(json: unknown, names: readonly string[]): ClassGroup[] {
  const groups =
    typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json) : [];
  if (groups.length === 0) {
    throw new ClassChoiceError({
      asked: 'groups of classes',
      got: JSON.stringify(json)?.slice(0, 60) ?? String(json),
      allowed: 'an object from group names to lists of classes: { "dogs": [151, "papillon"] }',
    });
  }
  return groups.map(([name, members]) => {
    const asked = `group "${name}"`;
    if (!Array.isArray(members) || members.length === 0) {
      throw new ClassChoiceError({ asked, got: JSON.stringify(members), allowed: 'a list of classes' });
    }
    const classes = members.map((member) => findClass(String(member), names, asked));
    const twice = classes.find((c, i) => classes.indexOf(c) !== i);
    if (twice === undefined) return { name, classes };
    throw new ClassChoiceError({ asked, got: `class "${names[twice]}" twice`, allowed: 'each class once' });
  });
}

/** What each group has of the probabilities of one image: [N] to one value a group. */
export function groupProbabilities(
  probabilities: ArrayLike<number>,
  groups: readonly ClassGroup[],
): number[] {
  return groups.map(({ classes }) =>
    Math.min(
      1,
      classes.reduce((sum, c) => sum + probabilities[c]!, 0),
    ),
  );
}
