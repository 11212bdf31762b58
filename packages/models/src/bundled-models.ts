import { fileURLToPath } from 'node:url';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from './errors.ts';
import { readLayersModel } from './model-files.ts';

/** The trained networks that come with this package; each has a folder of that name under `weights/`. */
const BUNDLED = {
  mnist: 'Table 2 of the paper, trained on 54,000 digits of MNIST',
  svhn: 'Table 3 of the paper, trained on synthetic house numbers, then on 554 crops of SVHN',
} as const;

export type BundledModelName = keyof typeof BUNDLED;

/** The names that `readBundledModel` takes. */
export const BUNDLED_MODELS = Object.keys(BUNDLED) as readonly BundledModelName[];

/**
 * The folder of a bundled network, which holds its `model.json`.
 *
 * @throws ModelFileError listing the names, when there is no network of this name.
 */
export function bundledModelFolder(name: string): string {
  if (!Object.hasOwn(BUNDLED, name)) {
    throw new ModelFileError({
      asked: 'bundled model',
      got: JSON.stringify(name),
      allowed: BUNDLED_MODELS.map((known) => `"${known}"`).join(', '),
      remedy: 'To read a model of your own, use readLayersModel with the path of its model.json.',
    });
  }
  // One level up from src/ as well as from dist/, which is why this file lies directly in src/.
  return fileURLToPath(new URL(`../weights/${name}`, import.meta.url));
}

/**
 * Reads a trained network that comes with this package.
 *
 * @throws ModelFileError as `bundledModelFolder` and `readLayersModel` do.
 */
export async function readBundledModel(name: BundledModelName | (string & {})): Promise<LayerGraph> {
  return readLayersModel(bundledModelFolder(name));
}
