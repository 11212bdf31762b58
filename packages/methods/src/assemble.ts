import {
  type Explanation,
  ExplanationBuilder,
  type Prediction,
  type Reduction,
} from '@clearmaps/deconvnet/graph';

/**
 * The explanation that a method's answer is, as the builder of the engines puts it together.
 *
 * @param values [B, n, H, W, C] or [B, n, H, W]; without channels each gets the same share, so that they add up
 */
export function assemble(
  values: Float32Array,
  scores: Prediction,
  shape: Explanation['shape'],
  classes: readonly number[],
  { reduction, responses }: { readonly reduction: Reduction; readonly responses: boolean },
): Explanation {
  const [batch, height, width, channels] = shape;
  const cells = batch * classes.length * height * width;
  const flat = values.length === cells;
  const builder = new ExplanationBuilder({ shape, classes, maps: true, responses });
  builder.add(
    {
      maps: flat ? values : reduceChannels(values, channels, reduction),
      ...(responses && { responses: flat ? sharedOut(values, channels) : values }),
    },
    classes.map((_, row) => row),
  );
  return builder.finish(scores);
}

function reduceChannels(values: Float32Array, channels: number, reduction: Reduction): Float32Array {
  return Float32Array.from({ length: values.length / channels }, (_, pixel) => {
    const of = values.subarray(pixel * channels, (pixel + 1) * channels);
    if (reduction === 'max') return of.reduce((a, b) => Math.max(a, b));
    if (reduction === 'l2') return Math.hypot(...of);
    return of.reduce((a, b) => a + b, 0);
  });
}

function sharedOut(maps: Float32Array, channels: number): Float32Array {
  return Float32Array.from(
    { length: maps.length * channels },
    (_, at) => maps[Math.floor(at / channels)]! / channels,
  );
}
