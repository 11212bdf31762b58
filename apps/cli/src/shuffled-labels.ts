import { type LabelledImages, mulberry32, shuffle } from '@clearmaps/datasets';

/** The same images with each other's labels: what a net learns of them it learns by heart (Adebayo et al. 2018). */
export function shuffledLabels(set: LabelledImages, seed: number): LabelledImages {
  return {
    ...set,
    name: `${set.name}, labels shuffled`,
    labels: shuffle(set.labels.slice(), mulberry32(seed)),
  };
}
