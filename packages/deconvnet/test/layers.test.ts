import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type Conv2dLayer, createExplainer, INPUT, type Padding, type Pair } from '../src/index.ts';
import {
  averagePoolBackward,
  findSwitches,
  prepareAveragePoolBack,
  preparePoolPhases,
  prepareTransposedConv,
  transposedConv,
  transposedConvOfMaps,
  unpool,
  windowGeometry,
  withoutDilation,
} from '../src/layers.ts';
import { type BackendName, onEachBackend } from './backends.ts';
import { expectClose, relativeError } from './compare.ts';
import { Oracle, windowsOf } from './oracle.ts';
import { Random } from './random.ts';
import { takeValues } from './take-values.ts';
import { tfjsPadding } from './tfjs-padding.ts';

interface Windows {
  readonly size: Pair;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/**
 * Every combination along one axis, a different one along the other; on webgpu every eleventh of them. Borders of
 * convolutions may be wider than the kernel.
 */
function everyWindow(backend: BackendName, maxDilation: number, kind: 'conv' | 'pool'): Windows[] {
  const all = [...windowsAlongOneAxis(maxDilation, kind)];
  // 11 shares no factor with the counts that go round: all of them come up.
  return backend === 'webgpu' ? all.filter((_, i) => i % 11 === 0) : all;
}

function* windowsAlongOneAxis(maxDilation: number, kind: 'conv' | 'pool'): Generator<Windows> {
  const random = new Random(3);
  for (const rule of ['same', 'valid', 'border'] as const) {
    for (let length = 1; length <= 8; length++) {
      for (let kernel = 1; kernel <= 5; kernel++) {
        for (let stride = 1; stride <= 4; stride++) {
          for (let dilation = 1; dilation <= maxDilation; dilation++) {
            const extent = (kernel - 1) * dilation + 1;
            const [across, other] = [random.int(1, 2), random.int(1, 2)];
            const border = (size: number): Pair => {
              const most = kind === 'pool' ? Math.min(size - 1, 2) : 3;
              return [random.int(0, most), random.int(0, most)];
            };
            const padding = rule === 'border' ? ([border(kernel), border(across)] as const) : rule;
            const room = typeof padding === 'string' ? length : length + padding[0][0] + padding[0][1];
            if (padding !== 'same' && extent > room) continue;
            yield {
              padding,
              size: [length, random.int(3, 6)],
              kernel: [kernel, across],
              strides: [stride, random.int(1, 3)],
              dilations: [dilation, maxDilation > 1 ? other : 1],
            };
          }
        }
      }
    }
  }
}

const describeWindows = ({ size, kernel, strides, dilations, padding }: Windows): string =>
  `${size} kernel ${kernel} strides ${strides} dilations ${dilations} ${JSON.stringify(padding)}`;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

onEachBackend((backend) => {
  it('convolves with every window as the oracle does, where strides leave gaps, too', async () => {
    const random = new Random(1);
    for (const windows of everyWindow(backend, 3, 'conv')) {
      const { size, kernel, strides, dilations, padding } = windows;
      const layer: Conv2dLayer = {
        type: 'conv2d',
        name: 'conv',
        inputs: [INPUT],
        kernel: { shape: [...kernel, 2, 3], values: random.floats(kernel[0] * kernel[1] * 6) },
        strides,
        dilations,
        padding,
      };
      const head = { type: 'globalAveragePool2d', name: 'gap', inputs: ['conv'] } as const;
      const graph = { name: 'one convolution', inputShape: [...size, 2] as const, layers: [layer, head] };
      const image = random.floats(size[0] * size[1] * 2);
      const explainer = createExplainer(graph);
      const map = explainer.featureMapTensor(image);
      const expected = new Oracle(graph, 'conv').forward(image).values.get('conv')!;
      expectClose(await takeValues(map), expected, describeWindows(windows));
      explainer.dispose();
    }
  });

  const CHANNELS = [
    { channelsIn: 2, channelsOut: 3, groups: 1 },
    { channelsIn: 3, channelsOut: 3, groups: 3 },
    { channelsIn: 2, channelsOut: 4, groups: 2 },
    { channelsIn: 4, channelsOut: 2, groups: 2 },
  ];

  it.each(CHANNELS)(
    'transposes every convolution: <A x, y> = <x, A^T y>, and A^T y is what the oracle says ($channelsIn to $channelsOut channels in $groups groups)',
    async ({ channelsIn, channelsOut, groups }) => {
      const random = new Random(2);
      const all = everyWindow(backend, 3, 'conv');
      // Groups change nothing in how windows lie: some of them will do.
      for (const windows of groups === 1 ? all : all.filter((_, i) => i % 7 === 0)) {
        const { size, kernel, strides, dilations, padding } = windows;
        const layer: Conv2dLayer = {
          type: 'conv2d',
          name: 'conv',
          inputs: [INPUT],
          kernel: {
            shape: [...kernel, channelsIn / groups, channelsOut],
            values: random.floats((kernel[0] * kernel[1] * channelsIn * channelsOut) / groups),
          },
          groups,
          strides,
          dilations,
          padding,
        };
        const oracle = new Oracle(
          { name: 'one', inputShape: [...size, channelsIn], layers: [layer] },
          'conv',
        );
        const x = random.floats(size[0] * size[1] * channelsIn);
        const trace = oracle.forward(x);
        const y = random.floats(trace.values.get('conv')!.length);
        const back = tf.tidy(() => {
          const plain = withoutDilation(layer);
          const [tall, wide] = plain.kernel.shape as unknown as Pair;
          const conv = prepareTransposedConv(
            tf.tensor4d(plain.kernel.values, plain.kernel.shape as [number, number, number, number]),
            windowGeometry(size, [tall, wide], strides, plain.dilations!, padding),
            groups,
          );
          const [height, width] = oracle.featureMapSize;
          return transposedConv(conv, tf.tensor4d(y, [1, height, width, channelsOut]));
        });
        expect(back.shape).toEqual([1, ...size, channelsIn]);
        const found = await takeValues(back);
        const expected = oracle.respond(trace, 'linear', Float64Array.from(y));
        expectClose(found, expected, describeWindows(windows));
        const forward = dot(trace.values.get('conv')!, y);
        expect(Math.abs(forward - dot(x, found))).toBeLessThan(1e-4 * (1 + Math.abs(forward)));
      }
    },
  );

  it('unpools every max pool: <max x, y> = <x, U y>, and pixels that no window covers get 0', async () => {
    const random = new Random(4);
    for (const windows of everyWindow(backend, 1, 'pool')) {
      const { size, kernel, strides, padding } = windows;
      const covered = windowsOf(size, kernel, strides, padding);
      const x = random.floats(size[0] * size[1] * 2);
      const y = random.floats(covered.pixels.length * 2);
      const { pooled, back } = tf.tidy(() => {
        const image = tf.tensor4d(x, [1, ...size, 2]);
        const pooled = tf.maxPool(
          image,
          kernel as [number, number],
          strides as [number, number],
          tfjsPadding(padding),
        );
        const phases = preparePoolPhases(windowGeometry(size, kernel, strides, [1, 1], padding));
        const response = tf.tensor4d(y, pooled.shape);
        return { pooled, back: unpool(phases, response, findSwitches(phases, image, pooled)) };
      });
      expect(back.shape).toEqual([1, ...size, 2]);
      const forward = dot(await takeValues(pooled), y);
      const found = await takeValues(back);
      expect(Math.abs(forward - dot(x, found)), describeWindows(windows)).toBeLessThan(1e-4);
      const expected = new Float64Array(x.length);
      for (const [window, pixels] of covered.pixels.entries()) {
        for (const c of [0, 1]) {
          const places = pixels.map((p) => (p.y * size[1] + p.x) * 2 + c);
          const best = places.reduce((a, b) => (x[b]! > x[a]! ? b : a));
          expected[best] = expected[best]! + y[window * 2 + c]!;
        }
      }
      expect(relativeError(found, expected), describeWindows(windows)).toBeLessThan(1e-6);
    }
  });

  it('spreads every average pool: <mean x, y> = <x, M y>, padding left out of the mean', async () => {
    const random = new Random(5);
    for (const windows of everyWindow(backend, 1, 'pool')) {
      const { size, kernel, strides, padding } = windows;
      const covered = windowsOf(size, kernel, strides, padding);
      const x = random.floats(size[0] * size[1]);
      const y = random.floats(covered.pixels.length);
      const { pooled, back } = tf.tidy(() => {
        const phases = preparePoolPhases(windowGeometry(size, kernel, strides, [1, 1], padding));
        const response = tf.tensor4d(y, [1, ...covered.size, 1]);
        return {
          back: averagePoolBackward(phases, prepareAveragePoolBack(phases), response),
          pooled: tf.avgPool(
            tf.tensor4d(x, [1, ...size, 1]),
            kernel as [number, number],
            strides as [number, number],
            tfjsPadding(padding),
          ),
        };
      });
      const expected = new Float64Array(x.length);
      for (const [window, pixels] of covered.pixels.entries()) {
        for (const p of pixels) {
          const place = p.y * size[1] + p.x;
          expected[place] = expected[place]! + y[window]! / pixels.length;
        }
      }
      const found = await takeValues(back);
      expectClose(found, expected, describeWindows(windows));
      expect(Math.abs(dot(await takeValues(pooled), y) - dot(x, found))).toBeLessThan(1e-4);
    }
  });

  it('takes maps of one channel each through kernels of their own, and rectifies where told', async () => {
    const random = new Random(6);
    for (const windows of everyWindow(backend, 2, 'conv')) {
      const { size, kernel, strides, padding } = windows;
      const dilations: Pair = strides.every((stride) => stride === 1) ? windows.dilations : [1, 1];
      const geometry = windowGeometry(size, kernel, strides, dilations, padding);
      const map = [geometry.y.output, geometry.x.output] as const;
      if (map.some((length) => length < 1)) continue;
      const { together, apart } = tf.tidy(() => {
        const conv = prepareTransposedConv(
          tf.tensor4d(random.floats(kernel[0] * kernel[1] * 6), [...kernel, 2, 3]),
          geometry,
        );
        const response = tf.tensor4d(random.floats(2 * map[0] * map[1] * 3), [2, ...map, 3]);
        const rows = tf.reshape(tf.transpose(conv.kernel, [2, 0, 1, 3]), [3, -1]) as tf.Tensor2D;
        const alone = Array.from({ length: 3 }, (_, c) => {
          const others = tf.cast(tf.oneHot([c], 3), 'float32');
          return transposedConv(conv, tf.mul<tf.Tensor4D>(response, others), 'relu');
        });
        return { together: transposedConvOfMaps(conv, response, rows, 'relu'), apart: tf.concat(alone) };
      });
      expect(together.shape).toEqual([6, ...size, 2]);
      const found = await takeValues(together);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
      expectClose(found, await takeValues(apart), describeWindows(windows));
    }
  });
});

it('writes a strided and dilated kernel with zeros between its taps, and leaves other layers alone', () => {
  const layer: Conv2dLayer = {
    type: 'conv2d',
    name: 'conv',
    inputs: [INPUT],
    kernel: { shape: [2, 2, 1, 1], values: Float32Array.from([1, 2, 3, 4]) },
    strides: [2, 1],
    dilations: [2, 3],
    padding: 'valid',
  };
  expect(withoutDilation(layer)).toMatchObject({
    dilations: [1, 1],
    kernel: { shape: [3, 4, 1, 1], values: Float32Array.from([1, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 4]) },
  });
  expect(withoutDilation({ ...layer, strides: [1, 1] })).toEqual({ ...layer, strides: [1, 1] });
});
