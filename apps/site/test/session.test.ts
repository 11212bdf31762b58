import type { Explanation, LayerGraph } from '@clearmaps/deconvnet/graph';
import { mnistNet, type Picture } from '@clearmaps/models';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AskedMethod } from '../src/methods/kept-method.ts';
import { startSession } from '../src/session.ts';
import { INITIAL, NO_SETTINGS, type SiteState } from '../src/state/site-state.ts';
import { Store } from '../src/state/store.ts';

/** One explanation under way, which the test ends. */
interface Run {
  readonly asked: AskedMethod;
  readonly picture: Picture;
  readonly signal: AbortSignal | undefined;
  finish(milliseconds: number): Promise<void>;
  fail(error: Error): Promise<void>;
}

const runs = vi.hoisted(() => [] as Run[]);

vi.mock('../src/bundled-nets.ts', () => ({ bundledNet: () => new Promise(() => {}) }));
vi.mock('../src/kept-engine.ts', () => ({
  KeptEngine: class {
    private readonly cm = { classCount: 10, backend: { name: 'none', skipped: [] } };
    of = async () => this.cm;
  },
}));
vi.mock('../src/methods/kept-method.ts', () => ({
  KeptMethod: class {
    explain(_: unknown, picture: Picture, asked: AskedMethod, { signal }: { signal?: AbortSignal }) {
      return new Promise<Explanation>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        runs.push({
          asked,
          picture,
          signal,
          finish: async (milliseconds) => {
            await vi.advanceTimersByTimeAsync(milliseconds);
            resolve({ classes: [0] } as unknown as Explanation);
            await vi.advanceTimersByTimeAsync(0);
          },
          fail: async (error) => {
            reject(error);
            await vi.advanceTimersByTimeAsync(0);
          },
        });
      });
    }
  },
}));

const model: LayerGraph = mnistNet({ seed: 1 });
const drawing = (ink: number): Picture => ({
  data: new Uint8Array(784).fill(ink),
  width: 28,
  height: 28,
  channels: 1,
});

/** Longer than a pen pauses, in milliseconds. */
const REST = 250;

beforeEach(() => {
  runs.length = 0;
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

async function started(state: Partial<SiteState>): Promise<Store<SiteState>> {
  const store = new Store<SiteState>({ ...INITIAL, model, ...state });
  startSession(store, () => {});
  await vi.advanceTimersByTimeAsync(0);
  return store;
}

/** Draws on, never at rest. */
async function drawOn(store: Store<SiteState>, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    store.set({ picture: drawing(i + 1) });
    await vi.advanceTimersByTimeAsync(50);
  }
}

test('a way back follows the pen: one at a time, the newest next, none stopped', async () => {
  const store = await started({ method: 'lrp-gamma' });
  await drawOn(store, 5);
  expect(runs).toHaveLength(1);
  await runs[0]!.finish(10);
  expect(runs).toHaveLength(2);
  expect(runs[1]!.picture).toBe(store.state.picture);
  expect(runs[0]!.signal!.aborted).toBe(false);
});

describe('a method that takes long', () => {
  test('waits until the pen rests, ends when it moves on, and then explains the newest', async () => {
    const store = await started({ method: 'occlusion' });
    await drawOn(store, 10);
    expect(runs).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(REST);
    expect(runs).toHaveLength(1);
    await drawOn(store, 10);
    expect(runs).toHaveLength(1);
    expect(runs[0]!.signal!.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(REST);
    expect(runs).toHaveLength(2);
    expect(runs[1]!.picture).toBe(store.state.picture);
    await runs[1]!.finish(5000);
    expect(store.state.explained).toMatchObject({ asked: { method: 'occlusion' } });
    expect(store.state.working).toBeUndefined();
  });

  test('gives way at once to a way back', async () => {
    const store = await started({ method: 'pda', picture: drawing(1) });
    await vi.advanceTimersByTimeAsync(REST);
    store.set({ method: 'guided' });
    await vi.advanceTimersByTimeAsync(0);
    expect(runs.map(({ asked }) => asked.method)).toEqual(['pda', 'guided']);
    expect(runs[0]!.signal!.aborted).toBe(true);
  });
});

test('a method that has shown to be quick follows the pen, until its options change', async () => {
  const store = await started({ method: 'saliency', picture: drawing(1) });
  await vi.advanceTimersByTimeAsync(REST);
  await runs[0]!.finish(20);
  store.set({ picture: drawing(2) });
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toHaveLength(2);
  await runs[1]!.finish(20);
  store.set({ settings: { samples: 1000 } });
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(REST);
  expect(runs).toHaveLength(3);
});

test('what is shown is not explained again', async () => {
  const store = await started({ picture: drawing(1) });
  await runs[0]!.finish(20);
  store.set({ method: 'pda' });
  store.set({ method: 'guided' });
  await vi.advanceTimersByTimeAsync(REST);
  expect(runs).toHaveLength(1);
});

test('from a method that a net cannot have it goes back to the one before, and says why', async () => {
  const store = await started({ picture: drawing(1), seed: 'unit' });
  await runs[0]!.finish(20);
  const { explained } = store.state;
  store.set({ method: 'cam', seed: 'positive' });
  await vi.advanceTimersByTimeAsync(REST);
  await runs[1]!.fail(new Error('no mean of a map'));
  await vi.advanceTimersByTimeAsync(REST);
  expect(store.state).toMatchObject({ method: 'guided', seed: 'unit', settings: NO_SETTINGS });
  expect(store.state.problem).toBe('no mean of a map');
  expect(store.state.explained).toBe(explained);
  expect(runs).toHaveLength(2);
});

test('a choice made meanwhile is not taken back by a method that fails', async () => {
  const store = await started({ picture: drawing(1) });
  await runs[0]!.finish(20);
  store.set({ method: 'gradient' });
  await vi.advanceTimersByTimeAsync(0);
  store.set({ method: 'linear' });
  await runs[1]!.fail(new Error('not of this net'));
  expect(store.state.method).toBe('linear');
  expect(store.state.problem).toBeUndefined();
});
