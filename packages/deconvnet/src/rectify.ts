import { leakyRelu, mul, relu, relu6, step, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import type { Rectifier } from './rectifiers.ts';
import type { RuleDefinition } from './rules.ts';

export function rectify(layer: Rectifier, x: Tensor): Tensor {
  if (layer.type === 'leakyRelu') return leakyRelu(x, layer.alpha);
  return layer.type === 'relu6' ? relu6(x) : relu(x);
}

/** The slope of a rectifier where it gave `output`; at its kinks the smaller of both. */
export function slopeOf(layer: Rectifier, output: Tensor): Tensor {
  if (layer.type === 'leakyRelu') return step(output, layer.alpha);
  return layer.type === 'relu' ? step(output) : tidy(() => mul(step(output), step(sub(6, output))));
}

/** What a rule that rectifies leaves of a response. A response has no scale of its own, so ReLU6 cuts none off. */
export function rectifyResponse(layer: Rectifier, response: Tensor): Tensor {
  return layer.type === 'leakyRelu' ? leakyRelu(response, layer.alpha) : relu(response);
}

/** The way back through a rectifier; `slope` broadcasts over the response and is needed by masking rules only. */
export function backThroughRectifier(
  layer: Rectifier,
  rule: RuleDefinition,
  response: Tensor,
  slope: Tensor | undefined,
): Tensor {
  const kept = rule.rectifies ? rectifyResponse(layer, response) : forAnotherOwner(response);
  if (!rule.masks) return kept;
  const masked = mul(kept, slope!);
  kept.dispose();
  return masked;
}
