import {
  type Border,
  type Pair,
  type Shape,
  UnsupportedLayerError,
  type Weight,
} from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { LayerBody } from '../graph-builder.ts';
import { asNumber, asSizes, describe, oneOf } from '../json-checks.ts';
import { findWeight, type KerasWeights, type StoredWeight } from './keras-weights.ts';
import type { KerasLayer } from './topology.ts';

/** The settings and weights of one Keras layer, checked as they are asked for; an absent setting has Keras' default. */
export class LayerConfig {
  constructor(
    private readonly layer: KerasLayer,
    private readonly weights: KerasWeights,
    /** Without the batch; one an input. */
    readonly inputShapes: readonly Shape[],
  ) {}

  private at(field: string): string {
    return `layer "${this.layer.name}" (${this.layer.className}), ${field}`;
  }

  get inputShape(): Shape {
    return this.inputShapes[0]!;
  }

  value(field: string): unknown {
    return this.layer.config[field];
  }

  /** Refuses a setting that changes the meaning of the layer. */
  needs(field: string, allowed: readonly unknown[]): void {
    const value = this.value(field);
    if (value === undefined || allowed.includes(value)) return;
    this.refuse(
      field,
      value,
      allowed
        .filter((one) => one !== null || allowed.length === 1)
        .map(describe)
        .join(', '),
    );
  }

  refuse(field: string, value: unknown, allowed: string): never {
    throw new UnsupportedLayerError({ asked: this.at(field), got: describe(value), allowed });
  }

  number(field: string, otherwise?: number): number {
    return asNumber(this.value(field) ?? otherwise, this.at(field));
  }

  size(field: string, otherwise?: number): number {
    return asSizes([this.value(field) ?? otherwise], this.at(field), 1)[0]!;
  }

  pair(field: string, otherwise?: Pair): Pair {
    const value = this.value(field) ?? otherwise;
    return asSizes(typeof value === 'number' ? [value, value] : value, this.at(field), 2) as unknown as Pair;
  }

  padding(): 'same' | 'valid' {
    return oneOf(this.value('padding') ?? 'valid', ['same', 'valid'], this.at('padding'));
  }

  /** Of a ZeroPadding2D: one number, one an axis, or one a side. */
  border(): Border {
    const value = this.value('padding') ?? 1;
    const axes = Array.isArray(value) ? value : [value, value];
    const sides = axes.map((one: unknown) => (Array.isArray(one) ? one : [one, one]));
    const isCount = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
    if (sides.length === 2 && sides.every((pair) => pair.length === 2 && pair.every(isCount))) {
      return sides as unknown as Border;
    }
    throw new ModelFileError({
      asked: this.at('padding'),
      got: describe(value),
      allowed: 'whole numbers from 0: n, [vertical, horizontal] or [[top, bottom], [left, right]]',
    });
  }

  activation(): readonly LayerBody[] {
    const activation = this.value('activation');
    this.needs('activation', ['relu', 'relu6', 'softmax', 'linear', null]);
    if (activation === 'relu' || activation === 'relu6' || activation === 'softmax') {
      return [{ type: activation }];
    }
    return [];
  }

  /** Refuses an axis, the batch counted, that is not the last one. */
  lastAxis(): void {
    const value = this.value('axis') ?? -1;
    const axis = Array.isArray(value) && value.length === 1 ? value[0] : value;
    const rank = this.inputShape.length;
    // One place of [1, 1, C] to Keras is [C] here.
    if (axis === -1 || axis === rank || (rank === 1 && axis === 3)) return;
    this.refuse('axis', asNumber(axis, this.at('axis')), `-1 or ${rank}, the last axis`);
  }

  bias(length: number): { bias?: Weight } {
    const wanted = this.value('use_bias') ?? true;
    if (wanted) return { bias: this.weight('bias', [length]) };
    if (this.find('bias')) {
      throw new ModelFileError({ asked: this.at('use_bias'), got: 'false, and a bias among the weights' });
    }
    return {};
  }

  has(kind: string): boolean {
    return this.find(kind) !== undefined;
  }

  /** @param shape undefined where the topology leaves the size open. */
  weight(kind: string, shape: readonly (number | undefined)[]): Weight {
    const found = this.find(kind);
    const wanted = `[${shape.map((size) => size ?? 'any').join(', ')}]`;
    if (!found) {
      throw new ModelFileError({
        asked: this.at(kind),
        got: `no weight "${this.layer.weightName}/${kind}"`,
        allowed: `float32 ${wanted}`,
        remedy: 'Take the topology and the weights from the same export.',
      });
    }
    const fits =
      found.shape.length === shape.length &&
      shape.every((size, i) => found.shape[i]! >= 1 && (size === undefined || size === found.shape[i]));
    if (!fits || !found.values) {
      throw new ModelFileError({
        asked: this.at(kind),
        got: `${found.dtype} [${found.shape.join(', ')}]`,
        allowed: `float32 ${wanted}`,
      });
    }
    return { shape: found.shape, values: found.values };
  }

  private find(kind: string): StoredWeight | undefined {
    return findWeight(this.weights, this.layer.weightName, kind);
  }
}
