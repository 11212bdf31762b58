import { DatasetError } from './errors.ts';
import { sizeOfType, valueAt } from './mat5-elements.ts';
import type { MatVariable } from './mat5-variables.ts';

/**
 * Reads real numbers [count, 1] or [1, count] of any class and storage type.
 *
 * @param asked names the variable in messages
 * @throws DatasetError when the shape is another, or the data is truncated or corrupt.
 */
export async function readColumn(
  { shape, data, complex, mxClass, order, open }: MatVariable,
  count: number,
  asked: string,
): Promise<Float64Array> {
  const size = data && sizeOfType(data.type);
  if (!data || !size || complex || shape.length !== 2 || !shape.includes(1)) {
    throw new DatasetError({
      asked: `${asked}: labels`,
      got: `${complex ? 'a complex' : 'an'} array [${shape.join(', ')}] of class ${mxClass}`,
      allowed: 'real numbers [n, 1]',
    });
  }
  if (shape[0]! * shape[1]! !== count || data.bytes !== count * size) {
    throw new DatasetError({
      asked: `${asked}: one label an image`,
      got: `[${shape.join(', ')}] in ${data.bytes} bytes, and ${count} images`,
      allowed: `[${count}, 1] in ${count * size} bytes`,
      remedy: 'The file is corrupt; download it again.',
    });
  }
  const cursor = await open();
  try {
    const bytes = await cursor.read(data.bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Float64Array.from({ length: count }, (_, i) => valueAt(view, i, data.type, order)!);
  } finally {
    await cursor.close();
  }
}
