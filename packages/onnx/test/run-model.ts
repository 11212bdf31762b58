import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Runs an .onnx file as a stranger would: onnxruntime alone, none of our engine. */
export async function runModel(
  model: Uint8Array,
  image: Float32Array,
  inputShape: readonly number[],
): Promise<Record<string, { dims: readonly number[]; data: Float32Array | BigInt64Array }>> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const size = inputShape.reduce((a, b) => a * b, 1);
    const outputs = await session.run({
      image: new Tensor('float32', image, [image.length / size, ...inputShape]),
    });
    return outputs as unknown as Awaited<ReturnType<typeof runModel>>;
  } finally {
    await session.release();
  }
}
