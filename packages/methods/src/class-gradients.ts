import type { GraphPlan } from '@clearmaps/deconvnet/graph';
import type { Engine } from './engine.ts';
import type { ImageTask } from './method.ts';

/**
 * d logit_c / d x of a batch, [B, n, H, W, C]. A unit seed gives the derivative of the sum over z_L's places; the
 * logit is their mean, so the sweep, which steps over that mean, is divided by their number.
 */
export async function classGradients(
  engine: Engine,
  { featureMap }: GraphPlan,
  images: Float32Array,
  { classes, signal }: Pick<ImageTask, 'classes' | 'signal'>,
): Promise<Float32Array> {
  const { responses } = await engine.explain(images, {
    rule: 'gradient',
    seed: 'unit',
    classes,
    responses: true,
    signal,
  });
  const places = featureMap.shape[0] * featureMap.shape[1];
  return responses!.map((value) => value / places);
}
