import { decideMany } from '../decide-many.ts';
import type { ExplainedNet } from '../explained-net.ts';

/** An image that turns into another one, pixel after pixel. */
export interface Perturbation {
  /** [P, C] each. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** [P]: the pixels, first to change first. */
  readonly order: Int32Array;
  /** Whose probability is followed. */
  readonly classIndex: number;
}

/** [steps + 1]: the class's probability when 0, 1/steps, 2/steps, ..., all of the pixels have changed. */
export type PerturbationCurve = Float32Array;

/**
 * What a net says while images change in the order of a map, all steps of all images in as few calls as possible.
 * The curves differ in what changes into what:
 * - deletion (Petsiuk et al. 2018, RISE, section 4.1): the image into nothing, strongest pixels first
 * - insertion (the same): nothing into the image
 * - pixel flipping (Bach et al. 2015, section "Pixel-flipping"; Samek et al. 2017, MoRF): the image into its negative
 *
 * @param steps from 1
 */
export async function perturbationCurves(
  net: Pick<ExplainedNet, 'predict' | 'classCount'>,
  perturbations: readonly Perturbation[],
  { steps, signal }: { readonly steps: number; readonly signal?: AbortSignal },
): Promise<PerturbationCurve[]> {
  const size = perturbations[0]?.from.length ?? 0;
  const count = perturbations.length * (steps + 1);
  const scores = await decideMany(net, { count, size, signal }, (image, at) => {
    const { from, to, order } = perturbations[Math.floor(at / (steps + 1))]!;
    const changed = Math.round(((at % (steps + 1)) * order.length) / steps);
    const channels = size / order.length;
    image.set(from);
    for (const pixel of order.subarray(0, changed)) {
      image.set(to.subarray(pixel * channels, (pixel + 1) * channels), pixel * channels);
    }
  });
  return perturbations.map(({ classIndex }, i) =>
    Float32Array.from(
      { length: steps + 1 },
      (_, k) => scores[(i * (steps + 1) + k) * net.classCount + classIndex]!,
    ),
  );
}

/** The area under a deletion or insertion curve, 0..1, by the trapezoidal rule. Low deletion and high insertion are good. */
export function areaUnder(curve: PerturbationCurve): number {
  const steps = curve.length - 1;
  const inner = curve.reduce((sum, value) => sum + value, 0) - (curve[0]! + curve[steps]!) / 2;
  return inner / steps;
}

/** The area over a perturbation curve (Samek et al. 2017, eq. 12): the mean fall since the first step; high is good. */
export function areaOver(curve: PerturbationCurve): number {
  return curve.reduce((sum, value) => sum + curve[0]! - value, 0) / curve.length;
}
