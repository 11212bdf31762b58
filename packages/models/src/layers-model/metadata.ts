import type { Preprocessing } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { asArray, asNumber, asObject, asText, describe, type JsonObject, oneOf } from '../json-checks.ts';

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
    ...(preprocessing !== undefined && { preprocessing: readPreprocessing(preprocessing) }),
  };
}

function readClassNames(value: unknown): string[] {
  const where = 'userDefinedMetadata.clearmaps.classNames';
  return asArray(value, where).map((name, i) => asText(name, `${where}[${i}]`));
}

function readPreprocessing(value: unknown): Preprocessing {
  const where = 'userDefinedMetadata.clearmaps.preprocessing';
  const json = asObject(value, where);
  const channels = oneOf(json.channels, ['gray', 'rgb', 'bgr'], `${where}.channels`);
  const numbers = (field: string) => {
    const list = asArray(json[field], `${where}.${field}`);
    const length = channels === 'gray' ? 1 : 3;
    if (list.length === length) return list.map((one, i) => asNumber(one, `${where}.${field}[${i}]`));
    throw new ModelFileError({
      asked: `${where}.${field}`,
      got: describe(list),
      allowed: `${length} numbers for channels "${channels}"`,
    });
  };
  return {
    channels,
    scale: asNumber(json.scale, `${where}.scale`),
    mean: numbers('mean'),
    std: numbers('std'),
    resize: oneOf(json.resize, ['stretch', 'centerCrop'], `${where}.resize`),
    ...(json.shortSide !== undefined && { shortSide: asNumber(json.shortSide, `${where}.shortSide`) }),
  };
}
