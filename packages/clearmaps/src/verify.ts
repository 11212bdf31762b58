import { RULES, type Rule, SEEDS, type Seed } from '@clearmaps/deconvnet/graph';
import type { GoldenArray, GoldenCase, GoldenDominant } from '@clearmaps/models';
import type { Backend } from './backend.ts';

/** Largest allowed |difference| over the largest |expected|, in float32. */
export const VERIFY_TOLERANCE = 1e-5;

export interface Verification {
  readonly name: string;
  /** Largest |difference| over largest |expected|, over every answer checked. */
  readonly worstRelativeError: number;
  /** Which answer that was: `deconvnet/activation`, `logits`, ... */
  readonly worstAnswer: string;
  /** Pixels whose dominant class is wrong although the winner leads by more than the tolerance. */
  readonly wrongDominantClasses: number;
  /** Answers compared. */
  readonly checked: number;
  /** Within the tolerance, and no dominant class wrong. */
  readonly passed: boolean;
}

/**
 * Runs one golden case on a backend and compares feature map, class scores, the responses of every rule and seed
 * that the case has answers for, and the dominant maps.
 *
 * @throws whatever the backend gives as the reason why it cannot run the case.
 */
export async function verifyGoldenCase(golden: GoldenCase, backend: Backend): Promise<Verification> {
  const explainer = await backend.open(golden.graph);
  const { expected } = golden;
  const errors = new Map<string, number>();
  let wrongDominantClasses = 0;
  try {
    const input = golden.input.values;
    errors.set('feature map', relativeError(await explainer.featureMap(input), expected.featureMap));
    const { logits, probabilities } = await explainer.predict(input);
    errors.set('logits', relativeError(logits, expected.logits));
    errors.set('probabilities', relativeError(probabilities, expected.probabilities));

    for (const [key, answer] of Object.entries(expected.responses)) {
      const [rule, seed] = key.split('/') as [Rule, Seed];
      if (!Object.hasOwn(RULES, rule) || !SEEDS.includes(seed)) continue;
      const result = await explainer.explain(input, { rule, seed, responses: true });
      errors.set(key, relativeError(result.responses!, answer));
      const dominant = seed === 'activation' ? expected.dominant[rule] : undefined;
      if (dominant !== undefined) {
        const response = { shape: dominant.shape, values: dominant.response };
        errors.set(`${rule} dominant response`, relativeError(result.dominantResponse, response));
        wrongDominantClasses += wrongClasses(result.dominantClass, dominant, answer);
      }
    }
  } finally {
    await explainer.dispose();
  }
  const [worstAnswer, worstRelativeError] = [...errors].reduce((a, b) => (b[1] > a[1] ? b : a));
  return {
    name: golden.name,
    worstRelativeError,
    worstAnswer,
    wrongDominantClasses,
    checked: errors.size,
    passed: worstRelativeError <= VERIFY_TOLERANCE && wrongDominantClasses === 0,
  };
}

/** Infinity where lengths differ or a value is not finite, so that nothing can pass by accident. */
function relativeError(got: ArrayLike<number>, { values }: GoldenArray): number {
  if (got.length !== values.length) return Number.POSITIVE_INFINITY;
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = Math.abs(got[i]! - values[i]!);
    if (!Number.isFinite(difference)) return Number.POSITIVE_INFINITY;
    scale = Math.max(scale, Math.abs(values[i]!));
    worst = Math.max(worst, difference);
  }
  return worst === 0 ? 0 : worst / scale;
}

function wrongClasses(got: Int32Array, dominant: GoldenDominant, responses: GoldenArray): number {
  const [classes, height, width, channels] = responses.shape as [number, number, number, number];
  const pixels = height * width;
  const scale = responses.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let wrong = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (got[pixel] === dominant.class[pixel]) continue;
    const byClass = Array.from({ length: classes }, (_, c) => {
      let sum = 0;
      for (let k = 0; k < channels; k++) sum += responses.values[(c * pixels + pixel) * channels + k]!;
      return sum;
    });
    const [winner, runnerUp] = byClass.sort((a, b) => b - a) as [number, number];
    if (winner - runnerUp > VERIFY_TOLERANCE * scale) wrong++;
  }
  return wrong;
}
