import { type AsyncExplainOptions, ExplainError } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Backend, type Clearmaps, type ClearmapsOptions, createClearmaps } from '../src/index.ts';
import { serveWorker } from '../src/serve-worker.ts';
import { wasm } from '../src/wasm.ts';
import { inWorkers } from '../src/workers.ts';

const model = mnistNet({ seed: 4 });
const pixels = Float32Array.from({ length: 784 }, (_, i) => (i % 28) / 27);
const batch = Float32Array.from({ length: 2 * 784 }, (_, i) => ((i * 7) % 29) / 28);

/** A busy machine is no failure. */
const PATIENCE = { timeout: 60_000 };

/** Served in this thread, by the messages that real workers would get. */
class Team {
  /** The classes of each explanation that each of them was sent. */
  readonly sent: (readonly number[] | undefined)[][] = [];
  readonly ports: MessagePort[] = [];
  /** How often each was asked for scores of changed windows. */
  readonly changes: number[] = [];

  constructor(
    private readonly backends: () => readonly Backend[] = () => [wasm()],
    private readonly workers = 3,
  ) {}

  backend(): Backend {
    return inWorkers(
      () => {
        const { port1, port2 } = new MessageChannel();
        serveWorker(this.backends(), port2);
        const seen: (readonly number[] | undefined)[] = [];
        this.sent.push(seen);
        this.ports.push(port1);
        const place = this.changes.push(0) - 1;
        const post = port1.postMessage.bind(port1) as (message: unknown, moved: Transferable[]) => void;
        return Object.assign(port1, {
          postMessage: (message: { path?: string[]; argumentList?: { value: unknown }[] }, moved = []) => {
            if (message.path?.join() === 'explain') {
              seen.push((message.argumentList![2]!.value as AsyncExplainOptions).classes);
            }
            if (message.path?.join() === 'predictChanges') this.changes[place]!++;
            post(message, moved);
          },
        });
      },
      { workers: this.workers },
    );
  }

  /** With all of them at work. */
  async started(options: Partial<ClearmapsOptions> = {}): Promise<Clearmaps> {
    const cm = await opened({ backends: [this.backend()], ...options });
    await expect
      .poll(async () => {
        await cm.explain(pixels, { classes: [0, 1, 2] });
        return this.sent.filter((seen) => seen.at(-1)?.length === 1).length;
      }, PATIENCE)
      .toBe(this.workers);
    for (const seen of this.sent) seen.length = 0;
    return cm;
  }
}

async function opened(options: Omit<ClearmapsOptions, 'model'>): Promise<Clearmaps> {
  const cm = await createClearmaps({ model, ...options });
  onTestFinished(() => cm.dispose());
  return cm;
}

describe('a model in several workers', () => {
  test('answers as in one, to the bit, each worker for its part of the classes', async () => {
    const team = new Team();
    const there = await team.started();
    const here = await opened({ backends: [wasm()] });
    expect(await there.explain(pixels)).toEqual(await here.explain(pixels));
    expect(team.sent).toEqual([[[0, 1, 2]], [[3, 4, 5]], [[6, 7, 8, 9]]]);
    const layers = ['pool_1', 'conv_2'];
    const options = { rule: 'linear', seed: 'activation', responses: true, layers } as const;
    for (const classes of [[3, 1], [9, 0, 4, 2, 7], undefined]) {
      const asked = { ...options, classes };
      expect(await there.explain(batch, asked)).toEqual(await here.explain(batch, asked));
    }
    expect(await there.predict(pixels)).toEqual(await here.predict(pixels));
  });

  test('is one worker until the first answer, and for what has no parts', async () => {
    const team = new Team();
    const there = await opened({ backends: [team.backend()] });
    const here = await opened({ backends: [wasm()] });
    expect(await there.explain(pixels, { classes: [4] })).toEqual(
      await here.explain(pixels, { classes: [4] }),
    );
    expect(team.sent).toHaveLength(1);
    await there.explain(pixels);
    await expect.poll(() => team.sent.length, PATIENCE).toBe(3);
    for (const options of [{ groups: [[0, 1], [2]] }, { classes: [1, 2], others: true }, { maps: false }]) {
      expect(await there.explain(pixels, options)).toEqual(await here.explain(pixels, options));
    }
  });

  test('works on changed windows side by side once all have started, with the answers of one', async () => {
    const team = new Team();
    const there = await opened({ backends: [team.backend()] });
    const here = await opened({ backends: [wasm()] });
    const corners = Int32Array.from([3, 4, 12, 12, 20, 9]);
    const windows = { height: 4, width: 4, corners, values: new Float32Array(3 * 16) };
    const expected = await here.predictChanges(pixels, windows);
    expect([there.callsAtOnce, here.callsAtOnce]).toEqual([1, 1]);
    expect(await there.predictChanges(pixels, windows)).toEqual(expected);
    await expect.poll(() => there.callsAtOnce, PATIENCE).toBe(6);
    const calls = Array.from({ length: 6 }, () => there.predictChanges(pixels, windows));
    for (const answer of await Promise.all(calls)) expect(answer).toEqual(expected);
    expect(team.changes).toEqual([3, 2, 2]);
  });

  test('is one worker where it runs on a GPU', async () => {
    const gpu: Backend = { name: 'webgpu', open: (graph) => wasm().open(graph) };
    const team = new Team(() => [gpu]);
    const there = await opened({ backends: [team.backend()] });
    for (let i = 0; i < 3; i++) await there.explain(pixels);
    expect(team.sent).toHaveLength(1);
  });

  test('counts the classes of all, and stops all when aborted', async () => {
    const there = await new Team().started();
    const steps: (readonly number[])[] = [];
    const inTurns = { seed: 'unit', memoryBudget: 1 } as const;
    await there.explain(pixels, { ...inTurns, onProgress: (...step) => void steps.push(step) });
    expect(steps).toEqual(Array.from({ length: 10 }, (_, i) => [i + 1, 10]));
    const abort = new AbortController();
    const failure = there.explain(pixels, {
      ...inTurns,
      signal: abort.signal,
      onProgress: (done) => done === 2 && abort.abort(new Error('seen enough')),
    });
    await expect(failure).rejects.toThrow('seen enough');
    expect((await there.explain(pixels)).classes).toHaveLength(10);
  });

  test('refuses what one worker refuses', async () => {
    const there = await new Team().started();
    for (const classes of [[3, 1, 3], [10, 2], []]) {
      const failure = there.explain(pixels, { classes });
      await expect(failure).rejects.toThrow(ExplainError);
      await expect(failure).rejects.toThrow(/^classes/);
    }
  });

  test('goes on without those that do not start', async () => {
    let started = 0;
    const failing: Backend = { name: 'wasm', open: () => Promise.reject(new Error('no memory left')) };
    const team = new Team(() => [started++ === 0 ? wasm() : failing]);
    const there = await opened({ backends: [team.backend()] });
    const here = await opened({ backends: [wasm()] });
    await there.explain(pixels);
    await expect.poll(() => team.sent.length, PATIENCE).toBe(3);
    expect(await there.explain(pixels)).toEqual(await here.explain(pixels));
  });
});
