import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { NumberOption } from './method-options.ts';

/** Windows that scale with the image, so that the number of them, some 600, does not: MNIST 4 and 1, ImageNet 32 and 8. */
export const WINDOW_OPTIONS = {
  window: {
    kind: 'number',
    unlessTold: 'a seventh of the shorter side',
    least: 1,
    whole: true,
    help: 'side of the window, pixels',
  },
  stride: {
    kind: 'number',
    unlessTold: 'a quarter of the window',
    least: 1,
    whole: true,
    help: 'from one window to the next, pixels',
  },
} as const satisfies Record<string, NumberOption>;

/** @param most pixels of a window that nobody told */
export function windowOptions(
  { inputShape }: LayerGraph,
  told: { readonly window: number | undefined; readonly stride: number | undefined },
  most = Number.POSITIVE_INFINITY,
): { window: number; stride: number } {
  const seventh = Math.max(1, Math.round(Math.min(inputShape[0], inputShape[1]) / 7));
  const window = told.window ?? Math.min(seventh, most);
  return { window, stride: told.stride ?? Math.max(1, Math.floor(window / 4)) };
}
