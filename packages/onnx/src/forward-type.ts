import { ExplainError } from '@clearmaps/deconvnet/graph';
import type { FloatType } from './onnx-proto.ts';

/** What a forward pass may compute in. */
export const FORWARD_TYPES = ['float32', 'float64'] as const satisfies readonly FloatType[];

export type ForwardType = (typeof FORWARD_TYPES)[number];

/** What the native engine may be asked for: one of them, or to choose for each explanation. */
export const FORWARD_CHOICES = [...FORWARD_TYPES, 'auto'] as const;

export type ForwardChoice = (typeof FORWARD_CHOICES)[number];

export interface ForwardOptions {
  /**
   * What forward passes compute in. With 'float64' no sign of a ReLU and no switch of a max pool is left to the rounding
   * of float32: each is that of exact arithmetic, unless values agree to some 15 digits. The way back reads what the
   * forward pass gave in float32, and stays in float32, where rounding moves a response by some millionths of its
   * maximum; a switch that goes the other way moves it by a thousandth and more. Default 'float32'.
   */
  readonly forward?: ForwardType;
}

/** @throws ExplainError */
export function checkForwardType(type: string, allowed: readonly string[] = FORWARD_TYPES): void {
  if (allowed.includes(type)) return;
  throw new ExplainError({ asked: 'forward', got: String(type), allowed: allowed.join(', ') });
}
