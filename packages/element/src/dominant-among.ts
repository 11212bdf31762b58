import type { Explanation } from '@clearmaps/deconvnet/graph';

/** The dominant maps of one image, [H*W] each; class -1 and response 0 where no class takes part. */
export interface Dominant {
  readonly dominantClass: Int32Array;
  readonly dominantResponse: Float32Array;
}

/**
 * CLEAR eqs. 4 and 5 over some of the classes that an explanation holds, without a new one: signed argmax, the first
 * of the explanation's classes wins ties. The others of an explanation that has them do not compete.
 *
 * @param shown indices in the model's class list; those that the explanation lacks are passed over
 * @param image which image of the batch
 */
export function dominantAmong(
  { shape, classes, maps }: Pick<Explanation, 'shape' | 'classes' | 'maps'>,
  shown: readonly number[],
  image = 0,
): Dominant {
  const pixels = shape[1] * shape[2];
  const dominantClass = new Int32Array(pixels).fill(-1);
  const dominantResponse = new Float32Array(pixels);
  classes.forEach((classIndex, row) => {
    if (!shown.includes(classIndex)) return;
    const begin = (image * classes.length + row) * pixels;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const response = maps[begin + pixel]!;
      if (dominantClass[pixel] !== -1 && response <= dominantResponse[pixel]!) continue;
      dominantClass[pixel] = classIndex;
      dominantResponse[pixel] = response;
    }
  });
  return { dominantClass, dominantResponse };
}
