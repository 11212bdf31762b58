import type { Preprocessing } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from './errors.ts';
import { asArray, asNumber, asObject, describe, oneOf } from './json-checks.ts';

/**
 * Parsed JSON as what turns pictures into the input of a net.
 *
 * @param where it stands, for messages
 * @throws ModelFileError naming the field that is broken.
 */
export function readPreprocessing(value: unknown, where: string): Preprocessing {
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
