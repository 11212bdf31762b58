import { div, softmax, sub, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';

/**
 * The gradient of the mean softmax cross-entropy with respect to the class scores: (softmax(z) - target) / B.
 *
 * @param logits [B, N], before the softmax
 * @param labels [B], 0..N-1
 * @param smoothing 0 <= e < 1: the target is 1 - e + e/N for the label and e/N for the others (Szegedy et al. 2016)
 * @returns [B, N]; the caller disposes it
 */
export function crossEntropyGradient(logits: Tensor2D, labels: ArrayLike<number>, smoothing = 0): Tensor2D {
  const [batch, classes] = logits.shape;
  return tidy(() => {
    const target = new Float32Array(batch * classes).fill(smoothing / classes);
    for (let b = 0; b < batch; b++) target[b * classes + labels[b]!]! += 1 - smoothing;
    return div(sub(softmax(logits), tensor2d(target, [batch, classes])), batch);
  });
}

export interface BatchScore {
  /** Sum over the images of the softmax cross-entropy with the label, in nats. */
  readonly loss: number;
  readonly correct: number;
}

/**
 * Loss and hits of a batch, from scores read back, in double precision.
 *
 * @param logits [B, N], row-major
 * @param labels [B]
 * @param onImage is told each image's position in the batch, predicted class (the first of equals) and loss
 */
export function scoreBatch(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  smoothing = 0,
  onImage?: (position: number, predicted: number, loss: number) => void,
): BatchScore {
  const classes = logits.length / labels.length;
  let loss = 0;
  let correct = 0;
  for (let b = 0; b < labels.length; b++) {
    let predicted = 0;
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const score = logits[b * classes + c]!;
      if (score > logits[b * classes + predicted]!) predicted = c;
      total += score;
    }
    const top = logits[b * classes + predicted]!;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[b * classes + c]! - top);
    const target = (1 - smoothing) * logits[b * classes + labels[b]!]! + (smoothing / classes) * total;
    const imageLoss = top + Math.log(sum) - target;
    loss += imageLoss;
    if (predicted === labels[b]) correct++;
    onImage?.(b, predicted, imageLoss);
  }
  return { loss, correct };
}
