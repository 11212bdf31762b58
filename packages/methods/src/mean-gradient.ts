import { classGradients } from './class-gradients.ts';
import type { ImageTask, MethodContext } from './method.ts';

/**
 * The mean of d logit_c / d x over points near an image, [n, H, W, C].
 *
 * @param pointAt writes one of the `count` points, [H, W, C]
 */
export async function meanGradient(
  { engine, plan, options }: MethodContext<{ readonly batch: number }>,
  task: ImageTask,
  count: number,
  pointAt: (point: number, into: Float32Array) => void,
): Promise<Float32Array> {
  const size = task.image.length;
  const mean = new Float64Array(task.classes.length * size);
  for (let first = 0; first < count; first += options.batch) {
    const points = Math.min(options.batch, count - first);
    const images = new Float32Array(points * size);
    for (let i = 0; i < points; i++) pointAt(first + i, images.subarray(i * size, (i + 1) * size));
    const gradients = await classGradients(engine, plan, images, task);
    gradients.forEach((value, at) => {
      mean[at % mean.length]! += value / count;
    });
    await task.step(first + points, count);
  }
  return Float32Array.from(mean);
}
