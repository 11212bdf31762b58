import { mul, ones, relu, reshape, type Tensor, type Tensor4D, tensor, tidy } from '@tensorflow/tfjs-core';
import type { ForwardTrace } from './forward.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import type { RuleDefinition } from './rules.ts';
import type { Seed } from './seeds.ts';
import { separableTail, type TailEnd } from './separable-tail.ts';
import { areSingle, type Row } from './sweep-rows.ts';

/** One sweep: a rule, a seed and the rows whose responses travel together as the batch. */
export interface Sweep {
  readonly rule: RuleDefinition;
  readonly seed: Seed;
  /** n of them. */
  readonly rows: readonly Row[];
  /** The layer at whose output the responses are wanted, on the way back from z_L; or the input. */
  readonly at: string;
  /** Layers, `at` among them, at whose outputs the responses are read: nothing may act on these on the way there. */
  readonly stops: ReadonlySet<string>;
}

/** Where the layers of the net take over: at z_L for groups, further back where the way there has a short cut. */
export function startSweep(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  { rule, seed, rows, stops }: Sweep,
): TailEnd {
  if (areSingle(rows)) return separableTail(prepared, trace, { rule, seed, classes: rows.flat(), stops });
  const response = groupSeeds(trace.featureMap, seed, rows);
  return { layer: prepared.featureMap.layer, response, rectified: false };
}

/** z_L as the seed wants it, without the channels of classes that are not in the group: [n*B, h, w, N]. */
function groupSeeds(featureMap: Tensor4D, seed: Seed, groups: readonly Row[]): Tensor4D {
  const [batch, height, width, count] = featureMap.shape;
  return tidy(() => {
    const members = new Float32Array(groups.length * count);
    for (const [row, group] of groups.entries()) for (const c of group) members[row * count + c] = 1;
    const places = batch * height * width;
    const values =
      seed === 'unit' ? ones(featureMap.shape) : seed === 'positive' ? relu(featureMap) : featureMap;
    const seeds: Tensor = mul(
      reshape(values, [1, places, count]),
      tensor(members, [groups.length, 1, count]),
    );
    return reshape(seeds, [groups.length * batch, height, width, count]);
  });
}
