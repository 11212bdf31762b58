import { mul, relu, type Tensor } from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import type { RuleDefinition } from './rules.ts';

/** The way back through a ReLU; `mask` broadcasts over the response and is needed by masking rules only. */
export function backThroughRelu(rule: RuleDefinition, response: Tensor, mask: Tensor | undefined): Tensor {
  const kept = rule.rectifies ? relu(response) : forAnotherOwner(response);
  if (!rule.masks) return kept;
  const masked = mul(kept, mask!);
  kept.dispose();
  return masked;
}
