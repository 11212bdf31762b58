import { Random } from '@clearmaps/random';
import { pixelValue } from './pixel-value.ts';
import { checkUnit, type Units } from './units.ts';

/** Regularisers: without them the picture is noise that no picture of the data resembles. */
export interface MaximiseOptions {
  /** Steps up the gradient; 200 unless told. */
  readonly steps?: number;
  /** Length of a step along the normalised gradient, as a share of the range of pixels times the root of their number; 0.02 unless told. */
  readonly rate?: number;
  /** What each step takes off the picture's distance from its start's gray, as a share (L2); 0.01 unless told. */
  readonly decay?: number;
  /** Each step first shifts the picture by up to so many pixels either way, round the border (jitter); 1 unless told. */
  readonly jitter?: number;
  /** Standard deviation of a Gaussian blur every fourth step, pixels; 0.5 unless told. */
  readonly blur?: number;
  /** Gray that the picture starts from, and is pulled to, 0..255; 0 for one channel, 128 for more, unless told. */
  readonly gray?: number;
  /** Of the noise that it starts with and of the jitter; 1 unless told. */
  readonly random?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface MaximisedActivation {
  /** [H, W, C], network input, within what a picture can hold. */
  readonly image: Float32Array;
  /** The largest value of the unit's map for that picture. */
  readonly response: number;
}

const BLUR_EVERY = 4;

/**
 * A picture that a unit answers to as strongly as the regularisers let it: gradient ascent on the squares of the
 * positive values of its map, so that places which answer already lead (Mordvintsev, Olah & Tyka 2015), or, while
 * there are none, on its mean (Erhan, Bengio, Courville & Vincent 2009; L2 of Simonyan, Vedaldi & Zisserman 2013, section 2; blur of
 * Yosinski et al. 2015, section 3; jitter of Mordvintsev et al.).
 *
 * @throws MethodError for a unit that does not exist; the signal's reason once it is aborted.
 */
export async function maximiseActivation(
  units: Units,
  unit: number,
  options: MaximiseOptions = {},
): Promise<MaximisedActivation> {
  const { plan } = units;
  checkUnit(plan, unit);
  const shape = plan.graph.inputShape;
  const { steps = 200, rate = 0.02, decay = 0.01, jitter = 1, blur = 0.5, random = 1, signal } = options;
  const gray = pixelValue(plan.graph, options.gray ?? (shape[2] === 1 ? 0 : 128));
  const [black, white] = [pixelValue(plan.graph, 0), pixelValue(plan.graph, 255)];
  const range = white.map((value, c) => value - black[c]!);
  const stream = Random.stream(random);
  const channel = (i: number): number => i % shape[2];
  let image: Float32Array = Float32Array.from(
    { length: shape[0] * shape[1] * shape[2] },
    (_, i) => gray[channel(i)]! + 0.1 * range[channel(i)]! * Math.abs(stream.normal()),
  );
  for (let step = 0; step < steps; step++) {
    signal?.throwIfAborted();
    const [down, right] = [0, 1].map(() => Math.round(stream.between(-jitter, jitter))) as [number, number];
    image = rolled(image, shape, down, right);
    const gradient = await ascent(units, unit, image, signal);
    const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0)) || 1;
    const stride = rate * Math.sqrt(image.length);
    for (let i = 0; i < image.length; i++) {
      const c = channel(i);
      const moved = image[i]! + (stride * range[c]! * gradient[i]!) / length;
      const pulled = moved - decay * (moved - gray[c]!);
      image[i] = Math.min(white[c]!, Math.max(black[c]!, pulled));
    }
    image = rolled(image, shape, -down, -right);
    if (blur > 0 && step % BLUR_EVERY === BLUR_EVERY - 1) image = blurred(image, shape, blur);
    options.onProgress?.(step + 1, steps);
    if (signal !== undefined || options.onProgress !== undefined)
      await new Promise((turn) => setTimeout(turn));
  }
  const [response] = await units.respond(unit, image);
  return { image, response: response! };
}

/** Which way up, [H, W, C]. */
async function ascent(
  { engine }: Units,
  unit: number,
  image: Float32Array,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const options = { rule: 'gradient', classes: [unit], responses: true, signal } as const;
  // The seed max(z, 0) gives the derivative of half the sum of max(z, 0) squared.
  const { responses } = await engine.explain(image, { ...options, seed: 'positive' });
  if (responses!.some((value) => value !== 0)) return responses!;
  return (await engine.explain(image, { ...options, seed: 'unit' })).responses!;
}

type ImageShape = readonly [height: number, width: number, channels: number];

/** Shifted round the border. */
function rolled(
  image: Float32Array,
  [height, width, channels]: ImageShape,
  down: number,
  right: number,
): Float32Array {
  const shifted = new Float32Array(image.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((y + down + height) % height) * width + ((x + right + width) % width);
      for (let c = 0; c < channels; c++) shifted[to * channels + c] = image[(y * width + x) * channels + c]!;
    }
  }
  return shifted;
}

/** By a Gaussian along rows, then columns; beyond the border the edge goes on. */
function blurred(
  image: Float32Array,
  [height, width, channels]: ImageShape,
  deviation: number,
): Float32Array {
  const radius = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b);
  const along = (from: Float32Array, length: number, stride: number): Float32Array =>
    from.map((_, at) => {
      const place = Math.floor(at / stride) % length;
      return weights.reduce((total, weight, i) => {
        const beside = Math.min(length - 1, Math.max(0, place + i - radius));
        return total + (weight / sum) * from[at + (beside - place) * stride]!;
      }, 0);
    });
  return along(along(image, width, channels), height, width * channels);
}
