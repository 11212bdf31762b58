import type { Explanation, LayerGraph } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import { describe, expect, test } from 'vitest';
import { type ActiveBackend, type Backend, BackendError, createClearmaps } from '../src/index.ts';

const model = mnistNet();
const pixels = new Float32Array(784);

/** A backend whose device can be lost at will; an explanation's `classes` says which one made it. */
const scores = { logits: new Float32Array(10), probabilities: new Float32Array(10) };

function losable(name: string) {
  const opened: { lose: (reason: string) => void; disposed: boolean }[] = [];
  const state = {
    hang: false,
    fail: undefined as Error | undefined,
    refuse: undefined as string | undefined,
  };
  const backend: Backend = {
    name,
    async open(graph: LayerGraph) {
      if (state.refuse !== undefined) throw new Error(state.refuse);
      let lose!: (reason: string) => void;
      const lost = new Promise<string>((resolve) => {
        lose = resolve;
      });
      const engine = { lose, disposed: false };
      const serial = opened.push(engine);
      const answer = async (): Promise<Explanation> => {
        if (state.hang) await new Promise(() => {});
        if (state.fail) throw state.fail;
        return { classes: [serial] } as unknown as Explanation;
      };
      return {
        graph,
        classCount: 10,
        takesTensors: false,
        lost,
        explain: answer,
        predict: async () => scores,
        predictChanges: async () => scores,
        featureMap: async () => new Float32Array(),
        dispose: () => {
          engine.disposed = true;
        },
      };
    },
  };
  return { backend, opened, state };
}

describe('a lost device', () => {
  test('is rebuilt once, then gives way to the next of the list, and both are told', async () => {
    const gpu = losable('gpu');
    const spare = losable('spare');
    const told: ActiveBackend[] = [];
    const cm = await createClearmaps({
      model,
      backends: [gpu.backend, spare.backend],
      onBackendChange: (backend) => told.push(backend),
    });
    expect((await cm.explain(pixels)).classes).toEqual([1]);

    gpu.state.hang = true;
    const underWay = [cm.explain(pixels), cm.explain(pixels)];
    await new Promise((resolve) => setTimeout(resolve, 0));
    gpu.state.hang = false;
    gpu.opened[0]!.lose('driver reset');
    // Both calls come back, from one and the same new engine.
    expect((await Promise.all(underWay)).map(({ classes }) => classes)).toEqual([[2], [2]]);
    expect(gpu.opened).toHaveLength(2);
    expect(gpu.opened[0]!.disposed).toBe(true);
    expect(cm.backend).toEqual({
      name: 'gpu',
      skipped: [{ name: 'gpu', reason: 'lost: driver reset' }],
    });

    gpu.opened[1]!.lose('driver reset again');
    gpu.state.fail = new Error('device is lost');
    expect((await cm.explain(pixels)).classes).toEqual([1]);
    expect(cm.backend).toEqual({
      name: 'spare',
      skipped: [
        { name: 'gpu', reason: 'lost: driver reset' },
        { name: 'gpu', reason: 'lost: driver reset again' },
      ],
    });
    expect(told).toHaveLength(2);
    expect(told[1]).toBe(cm.backend);
    await cm.dispose();
    expect(spare.opened[0]!.disposed).toBe(true);
  });

  test('is passed over where it cannot be rebuilt', async () => {
    const gpu = losable('gpu');
    const cm = await createClearmaps({ model, backends: [gpu.backend, losable('spare').backend] });
    gpu.opened[0]!.lose('unplugged');
    gpu.state.refuse = 'no adapter';
    gpu.state.fail = new Error('device is lost');
    await cm.explain(pixels);
    expect(cm.backend.name).toBe('spare');
    expect(cm.backend.skipped.map(({ reason }) => reason)).toEqual(['lost: unplugged', 'no adapter']);
  });

  test('ends in an error with the whole story where nothing is left', async () => {
    const gpu = losable('gpu');
    const cm = await createClearmaps({ model, backends: [gpu.backend] });
    gpu.opened[0]!.lose('unplugged');
    gpu.state.refuse = 'no adapter';
    gpu.state.fail = new Error('device is lost');
    const failure = cm.explain(pixels);
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow('gpu: lost: unplugged; gpu: no adapter');
    await expect(cm.predict(pixels)).rejects.toThrow(BackendError);
    await cm.dispose();
  });

  test('is not taken for an error of the call', async () => {
    const gpu = losable('gpu');
    const cm = await createClearmaps({ model, backends: [gpu.backend] });
    gpu.state.fail = new RangeError('a class out of range');
    await expect(cm.explain(pixels)).rejects.toThrow(RangeError);
    expect(gpu.opened).toHaveLength(1);
  });

  test('fails the calls that dispose() finds under way, and starts nothing new', async () => {
    const gpu = losable('gpu');
    const cm = await createClearmaps({ model, backends: [gpu.backend] });
    gpu.state.hang = true;
    const underWay = cm.explain(pixels);
    await cm.dispose();
    gpu.opened[0]!.lose('destroyed');
    await expect(underWay).rejects.toThrow('a call after dispose()');
    expect(gpu.opened).toHaveLength(1);
  });
});
