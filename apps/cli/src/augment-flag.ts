import type { AugmentationOptions } from '@clearmaps/training';
import { UsageError } from './errors.ts';

/** What `--augment` takes: each option is one row, given what stands behind its "=" and the options before it. */
const OPTIONS: Readonly<Record<string, (value: string, before: AugmentationOptions) => AugmentationOptions>> =
  {
    shift: (value) => ({ shift: numberIn(value) }),
    rotate: (value) => ({ rotate: numberIn(value) }),
    scale: (value) => ({ scale: numberIn(value) }),
    elastic: (value) => {
      const [, strength, smoothness] = /^([^/]*)(?:\/([^/]*))?$/.exec(value) ?? [];
      return {
        elastic: {
          strength: numberIn(strength),
          ...(smoothness !== undefined && { smoothness: numberIn(smoothness) }),
        },
      };
    },
    crop: (value) => ({ crop: { area: [numberIn(value), 1] } }),
    flip: () => ({ flip: true }),
    brightness: (value, { colour }) => ({ colour: { ...colour, brightness: numberIn(value) } }),
    contrast: (value, { colour }) => ({ colour: { ...colour, contrast: numberIn(value) } }),
    saturation: (value, { colour }) => ({ colour: { ...colour, saturation: numberIn(value) } }),
    hue: (value, { colour }) => ({ colour: { ...colour, hue: numberIn(value) } }),
    background: (value) => ({ background: value === 'edge' ? value : numberIn(value) }),
  };

export const AUGMENT_HELP = `Augmentation (--augment) takes the place of the preset's: "none", or a list of
  shift=PIXELS, rotate=DEGREES, scale=SHARE   at most so far, either way
  elastic=STRENGTH[/SMOOTHNESS]               bends strokes; standard deviations in pixels
  crop=SHARE                                  a part of at least this share of the area
  flip                                        half of the images, left to right
  brightness=, contrast=, saturation=SHARE, hue=DEGREES
  background=0..255|edge                      what is outside the image`;

/**
 * Reads `shift=2,rotate=12,elastic=1/4,flip` or `none`; ranges are checked by `train`.
 *
 * @throws UsageError for an option that is not there or has no number.
 */
export function parseAugmentation(text: string): AugmentationOptions | null {
  if (text === 'none') return null;
  let options: AugmentationOptions = {};
  for (const part of text.split(',')) {
    const [name = '', ...values] = part.trim().split('=');
    const value = values.join('=').trim();
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (option === undefined || (value === '') !== (name === 'flip')) {
      throw new UsageError({
        asked: '--augment',
        got: `"${part.trim()}"`,
        allowed: `none, or a list of ${Object.keys(OPTIONS)
          .map((known) => (known === 'flip' ? known : `${known}=VALUE`))
          .join(', ')}`,
      });
    }
    options = { ...options, ...option(value, options) };
  }
  return options;
}

/** NaN, which every range leaves out, where there is none. */
function numberIn(text = ''): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
