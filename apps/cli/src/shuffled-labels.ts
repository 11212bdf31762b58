import type { LabelledImages } from '@clearmaps/datasets';
import { mulberry32, shuffle } from '@clearmaps/random';

/**
 * The same images, some of them with each other's labels: what a net learns of those it learns by heart (Adebayo et
 * al. 2018, section 3.2). All others keep their own, so that what is held out still tells whether it learned more.
 *
 * @param among indices of the images that change labels
 */
export function shuffledLabels(set: LabelledImages, among: ArrayLike<number>, seed: number): LabelledImages {
  const given = shuffle(
    Int32Array.from(among, (index) => set.labels[index]!),
    mulberry32(seed),
  );
  const labels = set.labels.slice();
  for (let i = 0; i < among.length; i++) labels[among[i]!] = given[i]!;
  return { ...set, name: `${set.name}, labels shuffled`, labels };
}
