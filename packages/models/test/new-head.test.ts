import { type Conv2dLayer, GraphError, type LayerGraph, validateGraph } from '@clearmaps/deconvnet';
import { expect, test } from 'vitest';
import { svhnNet, vggNet, withNewHead } from '../src/index.ts';

const classNames = ['terrier', 'spaniel', 'hound'];

/** Table 4 up to its last pooling, as VGG16's notop file has it. */
function notop(): LayerGraph {
  const { classNames: _, ...net } = vggNet({ inputShape: [32, 32, 3] });
  return { ...net, layers: net.layers.slice(0, net.layers.findIndex(({ name }) => name === 'pool_5') + 1) };
}

test('a net without a head gets the last rows of Table 4 and keeps its own layers', () => {
  const base = notop();
  const { graph, head } = withNewHead(base, { classNames, seed: 2 });
  expect(head).toBe('head_1');
  expect(graph.layers.slice(0, base.layers.length)).toEqual(base.layers);
  const kernels = graph.layers
    .slice(base.layers.length)
    .filter((layer): layer is Conv2dLayer => layer.type === 'conv2d')
    .map(({ kernel }) => kernel.shape);
  expect(kernels).toEqual([
    [3, 3, 512, 512],
    [1, 1, 512, 512],
    [1, 1, 512, 3],
  ]);
  // It decides nothing yet, whatever the layers before it say.
  const kernelOf = (name: string) =>
    (graph.layers.find((layer) => layer.name === name) as Conv2dLayer).kernel;
  expect(kernelOf('head_classes').values.every((weight) => weight === 0)).toBe(true);
  expect(kernelOf('head_1').values.some((weight) => weight !== 0)).toBe(true);
  expect(validateGraph(graph).get('head_softmax')).toEqual([3]);
  expect(graph.classNames).toEqual(classNames);
});

test('a net with a kernel a class gets others in their place, without the ReLU behind them', () => {
  const base = svhnNet();
  const conv = base.layers.findLast(({ type }) => type === 'conv2d')!;
  const at = base.layers.indexOf(conv);
  const relu = { type: 'relu', name: 'late_relu', inputs: [conv.name] } as const;
  const pool = { ...base.layers[at + 1]!, inputs: ['late_relu'] };
  const net = { ...base, layers: [...base.layers.slice(0, at + 1), relu, pool, base.layers.at(-1)!] };
  for (const given of [base, net] as LayerGraph[]) {
    const { graph, head } = withNewHead(given, { classNames });
    expect(head).toBe('head_classes');
    expect(graph.layers.slice(0, at)).toEqual(base.layers.slice(0, at));
    expect(graph.layers.slice(at).map(({ type }) => type)).toEqual([
      'conv2d',
      'globalAveragePool2d',
      'softmax',
    ]);
  }
});

test('nets that decide in another way, and too few classes, are refused', () => {
  const dense = {
    ...notop(),
    layers: [
      ...notop().layers,
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['pool_5'] },
      {
        type: 'dense',
        name: 'scores',
        inputs: ['gap'],
        kernel: { shape: [512, 2], values: new Float32Array(1024) },
      },
    ],
  } as LayerGraph;
  expect(() => withNewHead(dense, { classNames })).toThrow(/"scores" \(dense\)/);
  expect(() => withNewHead(notop(), { classNames: ['dog'] })).toThrow(GraphError);
});
