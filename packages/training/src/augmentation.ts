import { Random } from '@clearmaps/random';
import { changeColours } from './augmentation/colour-change.ts';
import { type ColourJitterOptions, drawColourChange } from './augmentation/colour-jitter.ts';
import { type CropOptions, cropWindow } from './augmentation/crop-window.ts';
import { type ElasticOptions, elasticField } from './augmentation/elastic-field.ts';
import { type Background, type ImageSize, resample } from './augmentation/resample.ts';
import { TrainingError } from './errors.ts';

/** Random changes of training images, drawn anew each time an image is seen. Evaluation takes none. */
export interface AugmentationOptions {
  /** Largest shift along each axis, pixels, from 0; any fraction of a pixel is as likely. Default 0. */
  readonly shift?: number;
  /** Largest turn to either side, degrees, 0..180. Default 0. */
  readonly rotate?: number;
  /** Largest change of size, as a share, 0 <= x < 1: 0.1 gives 0.9..1.1. Default 0. */
  readonly scale?: number;
  /** Bends strokes, for handwriting. Default none. */
  readonly elastic?: ElasticOptions;
  /** A part of the image in place of the whole, for photographs. Default none. */
  readonly crop?: CropOptions;
  /** Exchanges left and right in half of the images: not for digits and letters. Default false. */
  readonly flip?: boolean;
  /** Changes of light and colour. Default none. */
  readonly colour?: ColourJitterOptions;
  /** The byte outside the picture, 0..255, or 'edge': what the nearest pixel of the picture has. Default 0. */
  readonly background?: Background;
}

/** Names of the streams that options draw from: they decide what is drawn, so they must not change. */
const STREAMS = { elastic: 1, crop: 2, flip: 3, colour: 4 } as const;

/**
 * Changes one image at random: all that moves pixels by one bilinear interpolation, then the colours.
 *
 * @param source [height, width, channels], bytes 0..255
 * @param target the same size, filled with values 0..255
 * @param random always drawn from four times, for shift, rotate and scale; the other options draw from streams of
 *   their own that it names. So one option does not change what another draws
 */
export function augmentImage(
  source: Uint8Array,
  target: Float32Array,
  size: ImageSize,
  options: AugmentationOptions,
  random: Random,
): void {
  const { shift = 0, rotate = 0, scale = 0, background = 0, elastic, crop, flip = false, colour } = options;
  const turn = (random.between(-rotate, rotate) * Math.PI) / 180;
  const zoom = random.between(1 - scale, 1 + scale);
  const down = random.between(-shift, shift);
  const right = random.between(-shift, shift);
  const streamOf = (option: keyof typeof STREAMS): Random => Random.stream(...random.state, STREAMS[option]);
  const placement = {
    turn,
    zoom,
    down,
    right,
    window: crop && cropWindow(crop, streamOf('crop')),
    mirrored: flip && streamOf('flip').uniform() < 0.5,
    field: elastic && elasticField(size, elastic, streamOf('elastic')),
  };
  resample(source, target, size, placement, background);
  if (colour) changeColours(target, size.channels, drawColourChange(colour, streamOf('colour')));
}

/** @throws TrainingError for options out of range. */
export function checkAugmentation(options: AugmentationOptions): void {
  const { shift = 0, rotate = 0, scale = 0, background = 0, elastic, crop, flip = false, colour } = options;
  check('shift', shift, 'pixels from 0', shift >= 0 && shift < Number.POSITIVE_INFINITY);
  check('rotate', rotate, 'degrees, 0..180', rotate >= 0 && rotate <= 180);
  check('scale', scale, '0 <= x < 1', scale >= 0 && scale < 1);
  const fits = background === 'edge' || (background >= 0 && background <= 255);
  check('background', background, '0..255, or "edge"', fits);
  check('flip', flip, 'true or false', typeof flip === 'boolean');
  if (elastic) {
    const { strength, smoothness = 4 } = elastic;
    check(
      'elastic.strength',
      strength,
      'pixels from 0',
      strength >= 0 && strength < Number.POSITIVE_INFINITY,
    );
    const finite = smoothness < Number.POSITIVE_INFINITY;
    check('elastic.smoothness', smoothness, 'pixels above 0', smoothness > 0 && finite);
  }
  if (crop) {
    const { area, aspect = [1, 1] } = crop;
    check('crop.area', area, '[least, most], 0 < least <= most <= 1', isRange(area) && area[1] <= 1);
    check('crop.aspect', aspect, '[least, most], 0 < least <= most', isRange(aspect));
  }
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = colour ?? {};
  for (const [name, value] of Object.entries({ brightness, contrast, saturation })) {
    check(`colour.${name}`, value, 'shares, 0..1', value >= 0 && value <= 1);
  }
  check('colour.hue', hue, 'degrees, 0..180', hue >= 0 && hue <= 180);
}

function isRange(range: readonly [number, number]): boolean {
  const [least, most] = range;
  return range.length === 2 && least > 0 && least <= most && most < Number.POSITIVE_INFINITY;
}

function check(option: string, value: unknown, allowed: string, fits: boolean): void {
  if (fits) return;
  const got = Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
  throw new TrainingError({ asked: `augmentation: ${option}`, got, allowed });
}
