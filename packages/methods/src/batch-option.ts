import type { NumberOption } from './method-options.ts';

/** Of methods that look at many variants of an image. */
export const BATCH = {
  kind: 'number',
  value: 16,
  least: 1,
  whole: true,
  help: 'variants of the image in one pass; a GPU likes more',
} as const satisfies NumberOption;
