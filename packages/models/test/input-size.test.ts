import { GraphError, type LayerGraph, validateGraph } from '@clearmaps/deconvnet';
import { expect, test } from 'vitest';
import { CAFFE_PREPROCESSING, svhnNet, withInputSize } from '../src/index.ts';

test('a net that averages over all places takes pictures of another size, with the same layers', () => {
  const net = { ...svhnNet({ seed: 1 }), preprocessing: CAFFE_PREPROCESSING };
  const small = withInputSize(net, { height: 20, width: 28 });
  expect(small.inputShape).toEqual([20, 28, 3]);
  expect(small.layers).toBe(net.layers);
  const places = (graph: LayerGraph) => validateGraph(graph).get('conv_1');
  expect(places(small)).toEqual([20, 28, places(net)![2]]);
  expect(validateGraph(small).get(net.layers.at(-1)!.name)).toEqual([10]);
});

test('pictures are cut to their centre still, but lose no margin that belonged to the former size', () => {
  const net = { ...svhnNet({ seed: 1 }), preprocessing: CAFFE_PREPROCESSING };
  const { shortSide, ...rest } = CAFFE_PREPROCESSING;
  expect(shortSide).toBe(256);
  expect(withInputSize(net, { height: 16, width: 16 }).preprocessing).toEqual(rest);
  expect(net.preprocessing.shortSide).toBe(256);
  const { preprocessing: _, ...silent } = net;
  expect(withInputSize(silent, { height: 16, width: 16 })).not.toHaveProperty('preprocessing');
});

test('sizes that the layers do not take are refused', () => {
  const net = svhnNet({ seed: 1 });
  expect(() => withInputSize(net, { height: 0, width: 16 })).toThrow(GraphError);
  const dense = {
    name: 'dense',
    inputShape: [4, 4, 1],
    layers: [
      { type: 'flatten', name: 'flat', inputs: ['input'] },
      {
        type: 'dense',
        name: 'scores',
        inputs: ['flat'],
        kernel: { shape: [16, 2], values: new Float32Array(32) },
      },
    ],
  } as const satisfies LayerGraph;
  expect(() => withInputSize(dense, { height: 5, width: 4 })).toThrow(
    /graph "dense" for pictures of 5x4.*scores.*allowed: a size that its layers take, as 4x4/s,
  );
});
