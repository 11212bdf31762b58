import type { Preprocessing } from '@clearmaps/deconvnet/graph';
import { asArray, asObject, asText } from '../json-checks.ts';

/** What a Teachable Machine export says beside its model. */
export interface TeachableMachineMetadata {
  readonly classNames: readonly string[];
  readonly preprocessing: Preprocessing;
}

/**
 * Reads the `metadata.json` that Teachable Machine writes beside an image model's `model.json`. Pictures are cut to
 * a square, scaled, and become `byte / 127 - 1`.
 *
 * Source: `capture` in https://github.com/googlecreativelab/teachablemachine-community, libraries/image.
 *
 * @param json the parsed file
 * @returns undefined for any other JSON
 * @throws ModelFileError for labels that are no texts.
 */
export function readTeachableMachineMetadata(json: unknown): TeachableMachineMetadata | undefined {
  const { labels, grayscale, tmVersion, packageName } = asObject(json, 'metadata.json');
  if (labels === undefined || (tmVersion === undefined && packageName === undefined)) return undefined;
  const channels = grayscale === true ? 'gray' : 'rgb';
  const each = (value: number) => new Array<number>(channels === 'gray' ? 1 : 3).fill(value);
  return {
    classNames: asArray(labels, 'metadata.json: labels').map((label, i) =>
      asText(label, `metadata.json: labels[${i}]`),
    ),
    preprocessing: { channels, scale: 1 / 127, mean: each(1), std: each(1), resize: 'centerCrop' },
  };
}
