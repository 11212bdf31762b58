import type { Net } from './net.ts';

/** [B, H, W, C] to [B, C, H, W]. */
export function channelsFirst(net: Net, image: string): string {
  const [height, width, channels] = net.plan.graph.inputShape;
  return channels === 1
    ? net.builder.reshape(image, [-1, 1, height, width])
    : net.builder.op('Transpose', [image], { perm: [0, 3, 1, 2] });
}
