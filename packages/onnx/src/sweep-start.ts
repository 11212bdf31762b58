import { writeSeeds } from './seeds.ts';
import { type TailEnd, writeSeparableTail } from './separable-tail.ts';
import type { Sweep } from './sweep.ts';

/** Where the layers of the net take over: at z_L for groups, further back where the way there has a short cut. */
export function writeSweepStart(sweep: Sweep): TailEnd {
  const { net, trace, asked, group } = sweep;
  if (!('members' in asked)) return writeSeparableTail(sweep);
  const { builder, plan } = net;
  const [height, width, count] = plan.featureMap.shape;
  const seeds = writeSeeds(sweep, trace.featureMap(), count);
  const chosen = builder.op('Mul', [
    builder.reshape(seeds, [-1, 1, count, height * width]),
    builder.reshape(asked.members, [1, group, count, 1]),
  ]);
  return { layer: plan.featureMap.layer, response: builder.reshape(chosen, [-1, count, height, width]) };
}
