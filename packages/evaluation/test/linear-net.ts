import type { ExplainedNet } from '../src/index.ts';

/**
 * A linear model that can be followed by hand: score c of an image x of P pixels is sum_p weights[c][p] x_p, and what
 * each pixel adds to it is its map, R(x|c)_p = weights[c][p] x_p. Scores stand for probabilities.
 */
export function linearNet(weights: readonly (readonly number[])[]): ExplainedNet {
  const [classCount, pixels] = [weights.length, weights[0]!.length];
  const parts = (images: Float32Array, i: number, c: number): number[] =>
    weights[c]!.map((weight, p) => weight * images[i * pixels + p]!);
  const scoresOf = (images: Float32Array): Float32Array =>
    Float32Array.from({ length: (images.length / pixels) * classCount }, (_, at) =>
      parts(images, Math.floor(at / classCount), at % classCount).reduce((sum, part) => sum + part, 0),
    );
  return {
    classCount,
    async predict(images) {
      return { logits: scoresOf(images), probabilities: scoresOf(images) };
    },
    async explain(images, { classes = Array.from(weights.keys()) } = {}) {
      const batch = images.length / pixels;
      const maps = Float32Array.from(
        Array.from({ length: batch }, (_, i) => classes.map((c) => parts(images, i, c))).flat(2),
      );
      const winners = Array.from({ length: batch * pixels }, (_, at) => {
        const [i, p] = [Math.floor(at / pixels), at % pixels];
        return classes.reduce(
          (best, c) =>
            weights[c]![p]! * images[i * pixels + p]! > weights[best]![p]! * images[i * pixels + p]!
              ? c
              : best,
          classes[0]!,
        );
      });
      return {
        shape: [batch, 1, pixels, 1],
        classes,
        logits: scoresOf(images),
        probabilities: scoresOf(images),
        maps,
        evidence: Float32Array.from({ length: batch * classes.length }, (_, row) =>
          maps.subarray(row * pixels, (row + 1) * pixels).reduce((sum, value) => sum + Math.max(0, value), 0),
        ),
        dominantClass: Int32Array.from(winners),
        dominantResponse: Float32Array.from(winners, (c, at) => weights[c]![at % pixels]! * images[at]!),
      };
    },
  };
}
