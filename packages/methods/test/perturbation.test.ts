import { Random } from '@clearmaps/random';
import * as tf from '@tensorflow/tfjs-core';
import { inverse, Matrix } from 'ml-matrix';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { leaksNothing } from '../../deconvnet/test/backends.ts';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { PatchGaussian } from '../src/patch-gaussian.ts';
import { eachValue, type Windows, windowsOver } from '../src/windows.ts';
import { openTfjs, openTfjsScoring } from './tfjs-engine.ts';
import { withMethod } from './with-method.ts';

const graph = smallNet({ channels: 3, classes: 4 });
const [height, width, channels] = graph.inputShape;
const image = imagesFor(graph);

beforeAll(() => tf.setBackend('cpu'));
leaksNothing();

/** A copy of an image with one draw in a window. */
function withDraw(
  gaussian: PatchGaussian,
  x: Float32Array,
  { size, corners }: Windows,
  window: number,
  shape: readonly [number, number, number],
  random: Random,
): Float32Array {
  const copy = x.slice();
  const drawn = new Float32Array(size * size * shape[2]);
  gaussian.given(x, window).draw(drawn, random);
  eachValue(corners[window]!, size, shape, (index, at) => {
    copy[index] = drawn[at]!;
  });
  return copy;
}

it('windows reach every pixel, the last ones moved to the border', () => {
  const { corners } = windowsOver([8, 7], { window: 3, stride: 2 });
  expect([...new Set(corners.map(({ top }) => top))]).toEqual([0, 2, 4, 5]);
  expect([...new Set(corners.map(({ left }) => left))]).toEqual([0, 2, 4]);
  expect(windowsOver([8, 7], { window: 30, stride: 1 })).toEqual({
    size: 7,
    corners: [
      { top: 0, left: 0 },
      { top: 1, left: 0 },
    ],
  });
});

describe('occlusion', () => {
  it.each(['logit', 'probability'] as const)(
    'is the mean fall of the %s over the windows that cover a pixel, one window at a time',
    async (score) => {
      const options = { window: 3, stride: 2, fill: 51, score, batch: 5 };
      await withMethod({ method: 'occlusion', graph, open: openTfjs, options }, async (running, engine) => {
        const { maps } = await running.explain(image, { classes: [3, 1] });
        const scores = async (x: Float32Array) =>
          (await engine.predict(x))[score === 'logit' ? 'logits' : 'probabilities'];
        const before = await scores(image);
        const sums = new Float64Array(maps.length);
        const counts = new Float64Array(height * width);
        for (const { top, left } of windowsOver([height, width], options).corners) {
          const covered = image.slice();
          for (let y = top; y < top + 3; y++)
            for (let x = left; x < left + 3; x++)
              for (let k = 0; k < channels; k++) covered[(y * width + x) * channels + k] = 0.2;
          const after = await scores(covered);
          for (let y = top; y < top + 3; y++)
            for (let x = left; x < left + 3; x++) {
              counts[y * width + x]!++;
              [3, 1].forEach((c, row) => {
                sums[row * height * width + y * width + x]! += before[c]! - after[c]!;
              });
            }
        }
        expectClose(
          maps,
          sums.map((sum, i) => sum / counts[i % counts.length]!),
          'maps',
        );
      });
    },
  );

  it('hears in its turn of a call that fails before those made ahead of it', async () => {
    let calls = 0;
    const unheard: unknown[] = [];
    const listen = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', listen);
    const open = openTfjsScoring(2, async (engine, ...asked) => {
      if (++calls === 2) throw new Error('no more of this');
      // Time in which Node looks for rejections that nobody hears.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return engine.predictChanges(...asked);
    });
    try {
      const call = withMethod({ method: 'occlusion', graph, open }, (running) => running.explain(image));
      await expect(call).rejects.toThrow('no more of this');
    } finally {
      process.off('unhandledRejection', listen);
    }
    expect(calls).toBeGreaterThanOrEqual(2);
    expect(unheard).toEqual([]);
  });

  it('gives a turn between calls that it makes at once, where filling them takes long', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 1000;
      return now;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const order: string[] = [];
    const open = openTfjsScoring(3, (engine, ...asked) => {
      order.push('call');
      setTimeout(() => order.push('turn'));
      return engine.predictChanges(...asked);
    });
    await withMethod({ method: 'occlusion', graph, open }, (running) => running.explain(image));
    expect(order.slice(0, 6)).toEqual(['call', 'turn', 'call', 'turn', 'call', 'turn']);
  });

  it('gives 0 to windows that the fill does not change', async () => {
    const black = new Float32Array(image.length);
    black.set(image.subarray(0, 3 * channels));
    await withMethod(
      { method: 'occlusion', graph, open: openTfjs, options: { window: 1, stride: 1, fill: 0 } },
      async (running) => {
        let total = 0;
        const { maps } = await running.explain(black, {
          onProgress: (_, all) => {
            total = all;
          },
        });
        expect(total).toBe(height * width);
        expect(maps.subarray(3, height * width).every((value) => value === 0)).toBe(true);
        expect(maps[0]).not.toBe(0);
      },
    );
  });
});

describe('the distribution of patches', () => {
  const shape = [8, 8, 1] as const;
  /** Each pixel leans on its left and upper neighbour. */
  const correlated = (): Float32Array => {
    const random = Random.stream(5);
    const images = new Float32Array(400 * 64);
    for (let i = 0; i < images.length; i++) {
      const [left, up] = [i % 8 ? images[i - 1]! : 0, i % 64 >= 8 ? images[i - 8]! : 0];
      images[i] = 0.45 * left + 0.45 * up + random.normal();
    }
    return images;
  };

  it('draws by the mean and covariance that its surroundings leave, as the inverse of the whole covariance says', async () => {
    const images = correlated();
    const windows: Windows = { size: 2, corners: [{ top: 3, left: 2 }] };
    const gaussian = await PatchGaussian.fit(images, shape, { size: 4, windows, seed: 1 });
    const x = images.slice(64 * 7, 64 * 8);
    const draws: number[][] = [];
    for (let draw = 0; draw < 20_000; draw++) {
      const copy = withDraw(gaussian, x, windows, 0, shape, Random.stream(2, draw));
      draws.push([3 * 8 + 2, 3 * 8 + 3, 4 * 8 + 2, 4 * 8 + 3].map((at) => copy[at]!));
      if (draw === 0) expect(copy.filter((value, i) => value !== x[i])).toHaveLength(4);
    }
    // Another way to the same: the precision matrix of all patches, not of a sample of them.
    const patches: number[][] = [];
    for (let n = 0; n < 400; n++)
      for (let top = 0; top <= 4; top++)
        for (let left = 0; left <= 4; left++)
          patches.push(
            Array.from(
              { length: 16 },
              (_, i) => images[n * 64 + (top + Math.floor(i / 4)) * 8 + left + (i % 4)]!,
            ),
          );
    const all = new Matrix(patches);
    const mean = all.mean('column');
    all.subRowVector(mean);
    const precision = inverse(all.transpose().mmul(all).div(patches.length));
    const inner = [5, 6, 9, 10];
    const outer = Array.from({ length: 16 }, (_, i) => i).filter((i) => !inner.includes(i));
    const own = inverse(precision.selection(inner, inner));
    const apart = Matrix.columnVector(
      outer.map((i) => x[(2 + Math.floor(i / 4)) * 8 + 1 + (i % 4)]! - mean[i]!),
    );
    const expected = own
      .mmul(precision.selection(inner, outer))
      .mmul(apart)
      .neg()
      .to1DArray()
      .map((v, i) => v + mean[inner[i]!]!);
    const drawn = expected.map((_, i) => draws.reduce((sum, draw) => sum + draw[i]!, 0) / draws.length);
    for (const [i, value] of drawn.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(0.15);
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [2, 3],
      [3, 3],
    ] as const) {
      const covariance =
        draws.reduce((sum, draw) => sum + (draw[i]! - drawn[i]!) * (draw[j]! - drawn[j]!), 0) / draws.length;
      expect(Math.abs(covariance - own.get(i, j))).toBeLessThan(0.15);
    }
  });

  it('moves the patch inwards at the border, and never leaves the range of the data', async () => {
    const images = correlated().map((value) => Math.min(1, Math.max(0, value)));
    const corners = [
      { top: 0, left: 0 },
      { top: 5, left: 5 },
      { top: 0, left: 4 },
    ];
    const windows: Windows = { size: 3, corners };
    const gaussian = await PatchGaussian.fit(images, shape, { size: 6, windows, seed: 1 });
    const x = images.slice(0, 64);
    for (const [window, corner] of corners.entries()) {
      const copy = withDraw(gaussian, x, windows, window, shape, Random.stream(3));
      const changed = [...copy].flatMap((value, i) => (value !== x[i] ? [i] : []));
      expect(
        changed.every((i) => Math.floor(i / 8) >= corner.top && Math.floor(i / 8) < corner.top + 3),
      ).toBe(true);
      expect(changed.every((i) => i % 8 >= corner.left && i % 8 < corner.left + 3)).toBe(true);
      expect(copy.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  it('refuses patches whose covariance would not fit into memory', async () => {
    const windows: Windows = { size: 26, corners: [{ top: 0, left: 0 }] };
    const fit = PatchGaussian.fit(new Float32Array(64 * 64), [64, 64, 1], { size: 30, windows, seed: 1 });
    await expect(fit).rejects.toThrow(
      'got patches of 30x30x1 values; allowed: at most 800 values. Take smaller windows',
    );
  });

  it('stands pixels that never differ', async () => {
    const flat = new Float32Array(64 * 3).fill(0.5);
    const windows: Windows = { size: 2, corners: [{ top: 2, left: 2 }] };
    const gaussian = await PatchGaussian.fit(flat, shape, { size: 4, windows, seed: 1 });
    const copy = withDraw(gaussian, flat.slice(0, 64), windows, 0, shape, Random.stream(1));
    expect(copy.every((value) => value === 0.5)).toBe(true);
  });
});

describe('prediction difference analysis', () => {
  const options = { window: 3, stride: 2, margin: 1, samples: 4, random: 3, batch: 7 };
  const reference = imagesFor(graph, 10, 40);

  it.each(['evidence', 'logit'] as const)(
    'is the mean fall of the %s over windows, drawn and scored one after the other',
    (score) =>
      withMethod(
        { method: 'pda', graph, open: openTfjs, options: { ...options, score }, reference },
        async (running, engine) => {
          const { maps } = await running.explain(image, { classes: [0, 2] });
          const scored = async (x: Float32Array) =>
            (await engine.predict(x))[score === 'logit' ? 'logits' : 'probabilities'];
          const odds = (p: number): number => {
            if (score === 'logit') return p;
            const q = (p * 10 + 1) / (10 + 4);
            return Math.log2(q / (1 - q));
          };
          const before = await scored(image);
          const windows = windowsOver([height, width], options);
          const gaussian = await PatchGaussian.fit(reference, graph.inputShape, {
            size: 5,
            windows,
            seed: 3,
          });
          const sums = new Float64Array(maps.length);
          const counts = new Float64Array(height * width);
          for (const [window, corner] of windows.corners.entries()) {
            const without = [0, 0, 0, 0];
            for (let sample = 0; sample < 4; sample++) {
              const draws = Random.stream(3, window, sample);
              const copy = withDraw(gaussian, image, windows, window, graph.inputShape, draws);
              (await scored(copy)).forEach((p, c) => {
                without[c]! += p / 4;
              });
            }
            for (let y = corner.top; y < corner.top + 3; y++)
              for (let x = corner.left; x < corner.left + 3; x++) {
                counts[y * width + x]!++;
                [0, 2].forEach((c, row) => {
                  sums[row * height * width + y * width + x]! += odds(before[c]!) - odds(without[c]!);
                });
              }
          }
          expectClose(
            maps,
            sums.map((sum, i) => sum / counts[i % counts.length]!),
            'maps',
            1e-4,
          );
        },
      ),
  );

  it('gives turns while it learns, and hears an abort then', async () => {
    // As if every part took a millisecond.
    let now = 0;
    let onAskedTime = (): void => {};
    vi.spyOn(performance, 'now').mockImplementation(() => {
      onAskedTime();
      return now++;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const turns = vi.spyOn(globalThis, 'setTimeout');
    const learn = (signal?: AbortSignal): Promise<unknown> =>
      withMethod({ method: 'pda', graph, open: openTfjs, options, reference, signal }, async () => undefined);
    await learn();
    const whole = now;
    expect(turns.mock.calls.length).toBeGreaterThan(whole / 20);
    const controller = new AbortController();
    onAskedTime = () => now === Math.floor(1.5 * whole) && controller.abort('enough');
    await expect(learn(controller.signal)).rejects.toBe('enough');
    expect(now).toBeLessThan(1.6 * whole);
  });

  it('asks for the images that it learns from', async () => {
    const call = withMethod({ method: 'pda', graph, open: openTfjs, options }, async () => undefined);
    await expect(call).rejects.toThrow('Give images that stand for the data set');
  });
});
