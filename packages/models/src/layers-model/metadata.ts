import type { Preprocessing } from '@clearmaps/deconvnet/graph';
import { asArray, asObject, asText, type JsonObject } from '../json-checks.ts';
import { readPreprocessing } from '../read-preprocessing.ts';

/** What clearmaps writes beside the topology, under `userDefinedMetadata.clearmaps`; other fields are kept as they are. */
export interface ModelMetadata extends JsonObject {
  readonly classNames?: readonly string[];
  readonly preprocessing?: Preprocessing;
}

/**
 * The clearmaps part of the `userDefinedMetadata` of a model; empty where there is none.
 *
 * @throws ModelFileError naming the field that is broken.
 */
export function readMetadata(userDefinedMetadata: unknown): ModelMetadata {
  if (userDefinedMetadata === undefined || userDefinedMetadata === null) return {};
  const all = asObject(userDefinedMetadata, 'userDefinedMetadata');
  if (all.clearmaps === undefined) return {};
  const { classNames, preprocessing, ...others } = asObject(all.clearmaps, 'userDefinedMetadata.clearmaps');
  return {
    ...others,
    ...(classNames !== undefined && { classNames: readClassNames(classNames) }),
    ...(preprocessing !== undefined && {
      preprocessing: readPreprocessing(preprocessing, 'userDefinedMetadata.clearmaps.preprocessing'),
    }),
  };
}

function readClassNames(value: unknown): string[] {
  const where = 'userDefinedMetadata.clearmaps.classNames';
  return asArray(value, where).map((name, i) => asText(name, `${where}[${i}]`));
}
