import { GraphPlan, INPUT, type LayerGraph, type MaxPoolLayer } from '@clearmaps/deconvnet/graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { oracleSwitches } from '../../deconvnet/test/oracle.ts';
import { Random } from '../../deconvnet/test/random.ts';
import { fills, pools } from '../../deconvnet/test/switch-cases.ts';
import { writeForward } from '../src/forward.ts';
import type { ForwardType } from '../src/forward-type.ts';
import { GraphBuilder } from '../src/graph-builder.ts';
import { channelsFirst } from '../src/image-layout.ts';
import { Net } from '../src/net.ts';
import { Sweep } from '../src/sweep.ts';
import { unpool } from '../src/switches.ts';
import { WrittenTrace } from '../src/trace.ts';

const BATCH = 2;
const CLASSES = 3;

/** From channels last to channels first, or back with the sizes exchanged. */
function turn(values: Float32Array, pixels: number, channels: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % pixels) * channels + Math.floor(i / pixels)]!);
}

/** A graph of one pool: `image` in, and `response` [B*g, C, oh, ow] sent back through its switches. */
async function poolSession(
  layer: MaxPoolLayer,
  size: readonly [number, number],
  channels: number,
  forward: ForwardType,
) {
  const graph: LayerGraph = {
    name: 'pool',
    inputShape: [...size, channels],
    layers: [layer, { type: 'globalAveragePool2d', name: 'gap', inputs: ['pool'] }],
  };
  const net = new Net(new GraphPlan(graph), new GraphBuilder(), forward);
  const { builder, plan } = net;
  const [rows, columns] = plan.spatialShape('pool');
  const image = channelsFirst(net, builder.input('image', 'float32', ['batch', ...size, channels], ''));
  const trace = new WrittenTrace(net, writeForward(net, image));
  const classes = { indices: builder.ints([0, 1, 2].slice(0, CLASSES)), count: CLASSES, known: true };
  const sweep = new Sweep(
    new Net(plan, builder),
    trace,
    { rule: 'linear', seed: 'unit', at: INPUT, layers: [] },
    classes,
    false,
  );
  const response = builder.input('response', 'float32', ['any', channels, rows, columns], '');
  const back = unpool(sweep, layer, response, trace.switches(layer));
  builder.output(back, { name: 'back', type: 'float32', shape: ['any', channels, ...size], description: '' });
  const bytes = builder.encode({ name: 'pool', description: '', metadata: {} });
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return { session, windows: rows * columns, rows, columns };
}

// Sixteen channels take the blocked layout of the runtime, three do not, and float64 knows none.
describe.each([
  [3, 'float32'],
  [16, 'float32'],
  [3, 'float64'],
] as const)('with %i channels, forward in %s', (channels, forward) => {
  it.each(pools)(
    'finds the first maximum in row-major order with $note',
    async ({ poolSize, strides, padding }) => {
      const random = new Random(11);
      const layer: MaxPoolLayer = {
        type: 'maxPool2d',
        name: 'pool',
        inputs: [INPUT],
        poolSize,
        strides,
        padding,
      };
      for (const size of [
        [8, 7],
        [8, 8],
        [7, 9],
        [5, 5],
      ] as const) {
        if (padding === 'valid' && (poolSize[0] > size[0] || poolSize[1] > size[1])) continue;
        const { session, windows, rows, columns } = await poolSession(layer, size, channels, forward);
        const pixels = size[0] * size[1];
        const length = pixels * channels;
        for (const [what, fill] of Object.entries(fills)) {
          const image = Float32Array.from({ length: BATCH * length }, () => fill(random));
          // Each window of each class sends back its own number: what arrives shows where from, overlaps added up.
          const numbers = Float32Array.from(
            { length: BATCH * CLASSES * channels * windows },
            (_, i) => 1 + (i % 997),
          );
          const { back } = await session.run({
            image: new Tensor('float32', image, [BATCH, ...size, channels]),
            response: new Tensor('float32', numbers, [BATCH * CLASSES, channels, rows, columns]),
          });
          const arrived = back!.data as Float32Array;
          for (let b = 0; b < BATCH; b++) {
            const winners = oracleSwitches(
              image.subarray(b * length, (b + 1) * length),
              [...size, channels],
              {
                poolSize,
                strides,
                padding,
              },
            );
            for (let g = b * CLASSES; g < (b + 1) * CLASSES; g++) {
              const sent = turn(
                numbers.slice(g * channels * windows, (g + 1) * channels * windows),
                channels,
                windows,
              );
              const expected = new Float32Array(length);
              for (const [window, from] of winners.entries())
                expected[from] = expected[from]! + sent[window]!;
              const found = turn(arrived.slice(g * length, (g + 1) * length), channels, pixels);
              expect(found, `${what}, image ${b} of ${size}, response ${g}`).toEqual(expected);
            }
          }
        }
        await session.release();
      }
    },
  );
});
