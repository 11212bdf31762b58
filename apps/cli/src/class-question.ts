import { type ClassChoice, type ClassGroup, readGroups } from 'clearmaps';
import { parseClassChoice } from './class-choice.ts';
import { UsageError } from './errors.ts';
import { readJson } from './read-json.ts';

export interface ClassFlags {
  readonly classes: string;
  readonly others: boolean;
  readonly groups?: string;
  readonly group?: string;
}

/** What is to be explained: classes, or groups of them; and whether the rest competes. */
export interface ClassQuestion {
  readonly choice: ClassChoice | { readonly groups: readonly ClassGroup[] };
  readonly others: boolean;
}

/** `--classes`, `--others`, `--groups` and `--group`. @throws UsageError, ClassChoiceError */
export async function readClassQuestion(flags: ClassFlags, names: readonly string[]): Promise<ClassQuestion> {
  const { others } = flags;
  if (flags.groups === undefined) {
    if (flags.group === undefined) return { choice: parseClassChoice(flags.classes, names), others };
    throw new UsageError({ asked: '--group', got: 'no groups', remedy: 'Name their file with --groups.' });
  }
  if (flags.classes !== 'all') {
    throw new UsageError({
      asked: '--groups',
      got: `--classes ${flags.classes} as well`,
      allowed: 'one of them',
    });
  }
  const groups = readGroups(
    await readJson(flags.groups, { asked: `groups in ${flags.groups}`, allowed: 'a JSON file' }),
    names,
  );
  if (flags.group === undefined) return { choice: { groups }, others };
  const group = groups.find(({ name }) => name === flags.group);
  if (group !== undefined) return { choice: { classes: group.classes }, others };
  const allowed = groups.map(({ name }) => name).join(', ');
  throw new UsageError({ asked: '--group', got: `"${flags.group}"`, allowed });
}
