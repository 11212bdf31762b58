import type { AsyncExplainOptions } from '@clearmaps/deconvnet/graph';
import type { Clearmaps } from './create-clearmaps.ts';
import { ClassChoiceError } from './errors.ts';
import type { ExplainImage } from './explain-image.ts';

/**
 * Which classes are explained.
 *
 * - `classes`: these
 * - `top`: so many of the highest scores, highest first
 * - `evidence`: so many of those whose maps hold the largest sum of positive responses, see `Explanation.evidence`;
 *   takes a sweep of all classes, which keeps no maps
 * - `pages`: all, by falling score, so many a map
 */
export type ClassChoice =
  | { readonly classes: readonly number[] }
  | { readonly top: number }
  | { readonly evidence: number }
  | { readonly pages: number };

/**
 * The classes that a choice means for an image: one list a map, and but for `pages` one map.
 *
 * @param options of the explanation that is to come: rule and seed count in the evidence
 * @throws ClassChoiceError for more classes than the model has, or fewer than one
 */
export async function chooseClasses(
  cm: Clearmaps,
  image: ExplainImage,
  choice: ClassChoice,
  options: AsyncExplainOptions = {},
): Promise<readonly (readonly number[])[]> {
  if ('classes' in choice) return [choice.classes];
  const [[kind, count]] = Object.entries(choice) as [[string, number]];
  if (!Number.isInteger(count) || count < 1 || count > cm.classCount) {
    throw new ClassChoiceError({
      asked: `${kind} classes of "${cm.model.name}"`,
      got: String(count),
      allowed: `1 to ${cm.classCount}`,
    });
  }
  if ('evidence' in choice) {
    const { evidence } = await cm.explain(image, { ...options, maps: false, responses: false });
    return [ranked(evidence).slice(0, count)];
  }
  const { logits } = await cm.predict(image);
  const order = ranked(logits);
  if ('top' in choice) return [order.slice(0, count)];
  return Array.from({ length: Math.ceil(order.length / count) }, (_, page) =>
    order.slice(page * count, (page + 1) * count),
  );
}

/** Indices by falling value, the lower index first among equals. */
export function ranked(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
}
