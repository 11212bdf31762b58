import { type AsyncExplainOptions, ExplainError, type LayerGraph } from '@clearmaps/deconvnet';
import { mnistNet, PictureError } from '@clearmaps/models';
import { describe, expect, test } from 'vitest';
import { type ActiveBackend, type Backend, BackendError, createClearmaps } from '../src/index.ts';
import { serveWorker } from '../src/serve-worker.ts';
import { wasm } from '../src/wasm.ts';
import { inWorker } from '../src/worker.ts';

const model = mnistNet({ seed: 4 });
const pixels = Float32Array.from({ length: 784 }, (_, i) => (i % 28) / 27);

/** Both ends in this thread, joined by the messages that a real worker would get. */
function served(backends: readonly Backend[]): Backend {
  return inWorker(() => {
    const { port1, port2 } = new MessageChannel();
    serveWorker(backends, port2);
    return port1;
  });
}

describe('a model in a worker', () => {
  test('answers as one in the page', async () => {
    const refusing: Backend = { name: 'webgpu', open: () => Promise.reject(new Error('no adapter')) };
    const there = await createClearmaps({ model, backends: [served([refusing, wasm()])] });
    const here = await createClearmaps({ model, backends: [wasm()] });
    expect(there.backend).toEqual({ name: 'wasm', skipped: [{ name: 'webgpu', reason: 'no adapter' }] });
    const layers = ['pool_1', 'conv_2'];
    const options = { rule: 'guided', classes: [3, 1], responses: true, layers } as const;
    expect(await there.explain(pixels, options)).toEqual(await here.explain(pixels, options));
    expect(await there.predict(pixels)).toEqual(await here.predict(pixels));
    const windows = { height: 1, width: 2, corners: Int32Array.of(3, 4), values: Float32Array.of(0.5, 1) };
    expect(await there.predictChanges(pixels, windows)).toEqual(await here.predictChanges(pixels, windows));
    expect(await there.featureMap(pixels)).toEqual(await here.featureMap(pixels));
    // The page's own array is still its own.
    expect(pixels).toHaveLength(784);
    await Promise.all([there.dispose(), here.dispose()]);
  });

  test('tells progress, and stops when aborted', async () => {
    const cm = await createClearmaps({ model, backends: [served([wasm()])] });
    const steps: number[][] = [];
    // A unit seed: no class is without one, so that each has a turn of its own.
    const inTurns: AsyncExplainOptions = {
      seed: 'unit',
      memoryBudget: 1,
      onProgress: (...step: number[]) => void steps.push(step),
    };
    await cm.explain(pixels, inTurns);
    expect(steps).toEqual(Array.from({ length: 10 }, (_, i) => [i + 1, 10]));
    const abort = new AbortController();
    let reached = 0;
    const failure = cm.explain(pixels, {
      seed: 'unit',
      memoryBudget: 1,
      signal: abort.signal,
      onProgress: (done) => {
        reached = done;
        if (done === 2) abort.abort(new Error('seen enough'));
      },
    });
    await expect(failure).rejects.toThrow('seen enough');
    expect(reached).toBeLessThan(10);
    await expect(cm.explain(pixels, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    await cm.dispose();
  });

  test('ends changes there when aborted, and serves the next call', async () => {
    const heard: unknown[] = [];
    const endless: Backend = {
      name: 'endless',
      async open(graph) {
        const engine = await wasm().open(graph);
        return {
          ...engine,
          predictChanges: (_image, _windows, { signal } = {}) =>
            new Promise((_, reject) => {
              signal?.addEventListener('abort', () => {
                heard.push(signal.reason);
                reject(signal.reason);
              });
            }),
        };
      },
    };
    const cm = await createClearmaps({ model, backends: [served([endless])] });
    const windows = { height: 1, width: 1, corners: Int32Array.of(3, 4), values: Float32Array.of(0.5) };
    const aborts = [new AbortController(), new AbortController()];
    const calls = aborts.map(({ signal }) => cm.predictChanges(pixels, windows, { signal }));
    for (const at of [1, 0]) {
      setTimeout(() => aborts[at]!.abort(new Error(`enough of ${at}`)), 20);
      await expect(calls[at]).rejects.toThrow(`enough of ${at}`);
    }
    expect(heard).toHaveLength(2);
    expect((await cm.predict(pixels)).logits).toHaveLength(10);
    const late = cm.predictChanges(pixels, windows, { signal: AbortSignal.abort() });
    await expect(late).rejects.toThrow(/abort/i);
    await cm.dispose();
  });

  test('answers after the last progress, however long the page takes to hear it', async () => {
    const cm = await createClearmaps({ model, backends: [served([wasm()])] });
    let heard = 0;
    await cm.explain(pixels, {
      seed: 'unit',
      memoryBudget: 1,
      onProgress: async (done) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        heard = done;
      },
    });
    expect(heard).toBe(10);
    await cm.dispose();
  });

  test('ends an explanation whose onProgress throws, as without a worker', async () => {
    const cm = await createClearmaps({ model, backends: [served([wasm()])] });
    const steps: number[] = [];
    // Frozen: nothing is hung on the caller's own function.
    const onProgress = Object.freeze((done: number) => {
      steps.push(done);
      throw new RangeError('not drawn');
    });
    await expect(cm.explain(pixels, { memoryBudget: 1, onProgress })).rejects.toThrow('not drawn');
    expect(steps.length).toBeLessThan(10);
    await cm.dispose();
  });

  test('tells of classes as they are done, and waits for the page', async () => {
    const cm = await createClearmaps({ model, backends: [served([wasm()])] });
    const here = await createClearmaps({ model, backends: [wasm()] });
    const options: AsyncExplainOptions = { seed: 'unit', memoryBudget: 1, classes: [3, 1] };
    const expected = await here.explain(pixels, { ...options, responses: true });
    const order: string[] = [];
    const maps: number[] = [];
    const answer = await cm.explain(pixels, {
      ...options,
      responses: true,
      onClasses: async ({ classes, maps: part, responses }) => {
        order.push(`told ${classes}`);
        maps.push(...part);
        expect(responses).toEqual(part);
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(`kept ${classes}`);
      },
    });
    expect(order).toEqual(['told 3', 'kept 3', 'told 1', 'kept 1']);
    expect(maps).toEqual([...expected.maps]);
    expect(answer).toEqual({ ...expected, responses: undefined });
    const failure = cm.explain(pixels, {
      ...options,
      onClasses: () => Promise.reject(new RangeError('disk full')),
    });
    await expect(failure).rejects.toThrow('disk full');
    await Promise.all([cm.dispose(), here.dispose()]);
  });

  test('is sent the bytes of an image alone, as copies that move', async () => {
    const sizes: number[] = [];
    const cm = await createClearmaps({
      model,
      backends: [
        inWorker(() => {
          const { port1, port2 } = new MessageChannel();
          serveWorker([wasm()], port2);
          const post = port1.postMessage.bind(port1) as (message: unknown, moved: Transferable[]) => void;
          return Object.assign(port1, {
            postMessage: (message: unknown, moved: Transferable[] = []) => {
              sizes.push(...moved.map((buffer) => (buffer as ArrayBuffer).byteLength));
              post(message, moved);
            },
          });
        }),
      ],
    });
    const batch = new Float32Array(100 * 784);
    const bytes = new Uint8Array(100 * 784);
    sizes.length = 0;
    await cm.explain(batch.subarray(784, 2 * 784));
    await cm.predict({ data: bytes.subarray(784, 2 * 784), shape: [28, 28] });
    // The picture goes there as bytes, in one message.
    expect(sizes).toEqual([4 * 784, 784]);
    expect([batch.length, bytes.length]).toEqual([78400, 78400]);
    await cm.dispose();
  });

  test('throws errors of the classes that the page knows', async () => {
    const cm = await createClearmaps({ model, backends: [served([wasm()])] });
    const failure = cm.explain(pixels, { classes: [10] });
    await expect(failure).rejects.toThrow(ExplainError);
    await expect(failure).rejects.toThrow('classes: got [10]; allowed: whole numbers from 0 to 9, each once');
    const picture = { data: new Uint8Array(784), shape: [28, 28] };
    const other = { ...model, preprocessing: { ...model.preprocessing!, std: [0] } };
    const unready = await createClearmaps({ model: other, backends: [served([wasm()])] });
    await expect(unready.explain(picture)).rejects.toThrow(PictureError);
    await unready.dispose();
    await cm.dispose();
  });

  test('is passed over where nothing in the worker serves, with its reasons', async () => {
    const refusing: Backend = { name: 'webgpu', open: () => Promise.reject(new Error('no adapter')) };
    const cm = await createClearmaps({ model, backends: [served([refusing]), wasm()] });
    expect(cm.backend.name).toBe('wasm');
    expect(cm.backend.skipped[0]).toMatchObject({ name: 'worker' });
    expect(cm.backend.skipped[0]!.reason).toContain('webgpu: no adapter');
    await cm.dispose();
    await expect(createClearmaps({ model, backends: [served([refusing])] })).rejects.toThrow(BackendError);
  });

  test('is passed over where its script never serves', async () => {
    const silent = inWorker(() => new MessageChannel().port1, { patience: 0.05 });
    const cm = await createClearmaps({ model, backends: [silent, wasm()] });
    expect(cm.backend.name).toBe('wasm');
    expect(cm.backend.skipped[0]!.reason).toMatch(/did not serve within 0\.05 s.*serveWorker/);
    await cm.dispose();
  });

  test('tells the page when a lost device made the worker start anew', async () => {
    let lose!: (reason: string) => void;
    const once: Backend = {
      name: 'gpu',
      async open(graph: LayerGraph) {
        const engine = await wasm().open(graph);
        const lost = new Promise<string>((resolve) => {
          lose = resolve;
        });
        return { ...engine, lost, explain: () => new Promise(() => {}) };
      },
    };
    const told: ActiveBackend[] = [];
    const cm = await createClearmaps({
      model,
      backends: [served([once, wasm()])],
      onBackendChange: (backend) => told.push(backend),
    });
    expect(cm.backend.name).toBe('gpu');
    const explained = cm.explain(pixels);
    for (const reason of ['reset', 'gone']) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      lose(reason);
    }
    expect((await explained).maps).toHaveLength(7840);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(told.map(({ name }) => name)).toEqual(['gpu', 'wasm']);
    expect(cm.backend.name).toBe('wasm');
    expect(cm.backend.skipped.map(({ reason }) => reason)).toEqual(['lost: reset', 'lost: gone']);
    await cm.dispose();
  });
});
