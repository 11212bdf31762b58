import type { Tensor } from '@tensorflow/tfjs-core';

/** The values of a tensor, which is disposed of. Not `dataSync`: WebGPU has no synchronous reads. */
export async function takeValues(tensor: Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}
