import type { Swept } from './explanation-builder.ts';

/** What one sweep gives of the asked classes or groups, m of them, for B images. Its arrays are the receiver's own. */
export interface SweptClasses {
  /** Some of the explanation's `classes`, in its order. */
  readonly classes: readonly number[];
  /** R(x|c) with its channels reduced: [B, m, H, W]. */
  readonly maps: Float32Array;
  /** R(x|c): [B, m, H, W, C]. Only where asked for. */
  readonly responses?: Float32Array;
}

/** What a sweep gave of its first rows, copied: the builder may keep the arrays as they are. */
export function sweptClasses(
  { maps, responses }: Swept,
  classes: readonly number[],
  [images, height, width, channels]: readonly [number, number, number, number],
): SweptClasses {
  const copy = (values: Float32Array, size: number): Float32Array => {
    const [stride, length] = [values.length / images, classes.length * size];
    const copied = new Float32Array(images * length);
    for (let image = 0; image < images; image++) {
      copied.set(values.subarray(image * stride, image * stride + length), image * length);
    }
    return copied;
  };
  return {
    classes,
    maps: copy(maps, height * width),
    ...(responses && { responses: copy(responses, height * width * channels) }),
  };
}

/** Of classes whose responses are zero everywhere. */
export function silentSwept(
  classes: readonly number[],
  [images, height, width, channels]: readonly [number, number, number, number],
  responses: boolean,
): SweptClasses {
  const pixels = images * classes.length * height * width;
  return {
    classes,
    maps: new Float32Array(pixels),
    ...(responses && { responses: new Float32Array(pixels * channels) }),
  };
}
