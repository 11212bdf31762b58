/// <reference types="vite/client" />
import type { LayerGraph } from '@clearmaps/deconvnet';
import { parseGoldenCase } from '@clearmaps/models';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import text from '../../deconvnet/golden/same-pool-odd.json?raw';
import {
  type ActiveBackend,
  type Backend,
  BackendError,
  type Clearmaps,
  type ClearmapsOptions,
  createClearmaps,
} from '../src/index.ts';
import { wasm } from '../src/wasm.ts';
import { webgpu } from '../src/webgpu.ts';
import { inWorker } from '../src/worker.ts';
import { inWorkers } from '../src/workers.ts';
import { digits, mnistModel } from './browser/mnist.ts';
import { throwingWorker, wasmWorker, webGpuWorker } from './browser/workers/start-worker.ts';

/** A busy machine is no failure. */
const PATIENCE = { timeout: 60_000 };
const golden = parseGoldenCase(JSON.parse(text));
let model: LayerGraph;
let threes: Float32Array[];
beforeAll(async () => {
  model = await mnistModel();
  threes = await digits(3);
});

/** Open for one test. */
async function opened(
  backends: readonly Backend[],
  options: Partial<ClearmapsOptions> = {},
): Promise<Clearmaps> {
  const cm = await createClearmaps({ model, backends, ...options });
  onTestFinished(() => cm.dispose());
  return cm;
}

/** A worker of each open, at hand for the test. */
function kept(start: () => Worker): { readonly backend: Backend; readonly workers: Worker[] } {
  const workers: Worker[] = [];
  const backend = inWorker(() => {
    workers.push(start());
    return workers.at(-1)!;
  });
  return { backend, workers };
}

describe('a model in a Web Worker', () => {
  test('on wasm answers to the bit as in the page', async () => {
    const there = await opened([inWorker(wasmWorker)]);
    const here = await opened([wasm()]);
    expect(there.backend).toEqual({ name: 'wasm', skipped: [] });
    const [digit] = threes;
    const explained = await there.explain(digit!, { responses: true });
    expect(explained).toEqual(await here.explain(digit!, { responses: true }));
    expect(await there.predict(digit!)).toEqual(await here.predict(digit!));
    expect(await there.featureMap(digit!)).toEqual(await here.featureMap(digit!));
    expect(explained.logits.indexOf(Math.max(...explained.logits))).toBe(3);
  });

  test('in several workers answers to the bit as in the page', async () => {
    const workers: Worker[] = [];
    const start = (): Worker => {
      workers.push(wasmWorker());
      return workers.at(-1)!;
    };
    const there = await opened([inWorkers(start, { workers: 3 })]);
    const here = await opened([wasm()]);
    const expected = await Promise.all(threes.map((digit) => here.explain(digit)));
    expect(await there.explain(threes[0]!)).toEqual(expected[0]);
    expect(workers).toHaveLength(3);
    const busy = workers.map((worker) => vi.spyOn(worker, 'postMessage'));
    await expect
      .poll(async () => {
        expect(await there.explain(threes[1]!)).toEqual(expected[1]);
        return busy.every(({ mock }) => mock.calls.length > 1);
      }, PATIENCE)
      .toBe(true);
    // One that ends takes the others along, and all start once more.
    workers[2]!.terminate();
    expect(await there.explain(threes[2]!)).toEqual(expected[2]);
    expect(there.backend.skipped).toEqual([{ name: 'worker', reason: 'lost: it was terminated or crashed' }]);
  });

  test('explains what is asked at once as one after the other', async () => {
    const there = await opened([inWorker(wasmWorker)]);
    const inTurns = { memoryBudget: 1, onProgress: () => {} };
    const atOnce = await Promise.all(threes.map((digit) => there.explain(digit, inTurns)));
    for (const [i, digit] of threes.entries()) expect(atOnce[i]).toEqual(await there.explain(digit, inTurns));
  });

  test('tells progress, stops when aborted, and goes on', async () => {
    const there = await opened([inWorker(wasmWorker)]);
    const steps: number[] = [];
    const abort = new AbortController();
    const failure = there.explain(threes[0]!, {
      memoryBudget: 1,
      signal: abort.signal,
      onProgress: (done) => {
        if (steps.push(done) === 2) abort.abort(new Error('seen enough'));
      },
    });
    await expect(failure).rejects.toThrow('seen enough');
    expect(steps.slice(0, 2)).toEqual([1, 2]);
    expect((await there.explain(threes[0]!)).classes).toHaveLength(10);
  });

  test('ends changes between their batches when aborted, and goes on', async () => {
    const there = await opened([inWorker(wasmWorker)]);
    const count = 1000;
    const windows = {
      height: 28,
      width: 28,
      corners: new Int32Array(2 * count),
      values: Float32Array.from({ length: count * 28 * 28 }, (_, i) => ((i * 7919) % 10_007) / 10_007),
    };
    const elapsed = async (call: () => Promise<unknown>): Promise<number> => {
      const start = performance.now();
      await call();
      return performance.now() - start;
    };
    const changes = (signal?: AbortSignal): Promise<unknown> =>
      there.predictChanges(threes[0]!, windows, { batch: 1, signal });
    const whole = await elapsed(() => changes());
    const abort = new AbortController();
    const stopped = await elapsed(async () => {
      setTimeout(() => abort.abort(new Error('seen enough')), 0);
      await expect(changes(abort.signal)).rejects.toThrow('seen enough');
      expect((await there.predict(threes[0]!)).logits).toHaveLength(10);
    });
    // A batch is one of a thousand parts, and the worker hears ten times a second.
    expect(stopped).toBeLessThan(whole / 4);
  });

  test('on WebGPU answers to the bit as in the page, and tells of a lost device', async () => {
    const { backend, workers } = kept(webGpuWorker);
    const told: ActiveBackend[] = [];
    const { graph, input } = golden;
    const there = await opened([backend], {
      model: graph,
      onBackendChange: (changed) => told.push(changed),
    });
    const here = await opened([webgpu()], { model: graph });
    expect(there.backend).toEqual({ name: 'webgpu', skipped: [] });
    expect(await there.explain(input.values)).toEqual(await here.explain(input.values));
    for (const name of ['webgpu', 'wasm']) {
      // No explanation: a new device compiles every shader anew.
      const underWay = there.predict(input.values);
      workers[0]!.postMessage('lose the device');
      expect((await underWay).logits).toHaveLength(there.classCount);
      expect(there.backend.name).toBe(name);
    }
    expect(told.map(({ name }) => name)).toEqual(['webgpu', 'wasm']);
    expect(there.backend.skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('lost: '),
      expect.stringContaining('lost: '),
    ]);
    // All of that in one and the same worker.
    expect(workers).toHaveLength(1);
  });
});

/** While it cannot answer. */
function terminateAtWork(worker: Worker): void {
  worker.postMessage('hang');
  setTimeout(() => worker.terminate(), 50);
}

describe('a Web Worker that ends', () => {
  test.for([
    ['is terminated', terminateAtWork],
    ['closes itself', (worker: Worker) => worker.postMessage('close')],
  ] as const)('%s: is started once more, then given up', async ([, finish]) => {
    const { backend, workers } = kept(wasmWorker);
    const told: ActiveBackend[] = [];
    const there = await opened([backend, wasm()], {
      onBackendChange: (changed) => {
        if (told.push(changed) === 1) finish(workers[1]!);
      },
    });
    finish(workers[0]!);
    expect((await there.explain(threes[0]!)).classes).toHaveLength(10);
    expect(workers).toHaveLength(2);
    const reason = 'lost: it was terminated or crashed';
    expect(there.backend).toEqual({
      name: 'wasm',
      skipped: [
        { name: 'worker', reason },
        { name: 'worker', reason },
      ],
    });
    expect(told).toHaveLength(2);
  });

  test('fails its calls where nothing is left to go on with', async () => {
    const { backend, workers } = kept(wasmWorker);
    const there = await opened([backend], { onBackendChange: () => terminateAtWork(workers[1]!) });
    terminateAtWork(workers[0]!);
    const failure = there.explain(threes[0]!);
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(/worker: lost: .*; worker: lost: it was terminated or crashed/);
  });

  test('with dispose() fails the calls under way, however busy it is', async () => {
    const { backend, workers } = kept(wasmWorker);
    const there = await opened([backend]);
    workers[0]!.postMessage('hang');
    const failure = there.explain(threes[0]!);
    // The call has been sent by the next task.
    setTimeout(() => there.dispose(), 0);
    await expect(failure).rejects.toThrow('a call after dispose()');
    await expect(there.explain(threes[0]!)).rejects.toThrow('a call after dispose()');
  });

  test('is passed over where its script cannot be loaded or fails at the start', async () => {
    const there = await opened([
      inWorker(() => new Worker('/no-such-script.js', { type: 'module' })),
      inWorker(throwingWorker),
      wasm(),
    ]);
    expect(there.backend).toEqual({
      name: 'wasm',
      skipped: [
        { name: 'worker', reason: 'the worker has ended: its script could not be loaded' },
        { name: 'worker', reason: expect.stringContaining('it failed: Uncaught RangeError: no good') },
      ],
    });
  });
});
