import type { ExplainedNet } from './explained-net.ts';
import { batchSizeFor } from './input-batches.ts';

/**
 * Class probabilities of many changed images, as few calls as memory allows: measures that ask for one image at a
 * time spend their time on calls.
 *
 * @param size values of one image
 * @param write writes image i into its place
 * @returns [count, N]
 * @throws the signal's reason once aborted
 */
export async function decideMany(
  net: Pick<ExplainedNet, 'predict' | 'classCount'>,
  { count, size, signal }: { readonly count: number; readonly size: number; readonly signal?: AbortSignal },
  write: (to: Float32Array, i: number) => void,
): Promise<Float32Array> {
  const scores = new Float32Array(count * net.classCount);
  const most = batchSizeFor(size);
  const values = new Float32Array(Math.min(most, count) * size);
  for (let begin = 0; begin < count; begin += most) {
    signal?.throwIfAborted();
    const batch = Math.min(most, count - begin);
    for (let i = 0; i < batch; i++) write(values.subarray(i * size, (i + 1) * size), begin + i);
    const { probabilities } = await net.predict(values.slice(0, batch * size));
    scores.set(probabilities, begin * net.classCount);
  }
  return scores;
}

/** The index of the largest score, the first among equals. */
export function decisionOf(scores: Float32Array): number {
  return scores.reduce((best, score, c) => (score > scores[best]! ? c : best), 0);
}
