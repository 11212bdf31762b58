import { mnistNet } from '@clearmaps/models';
import { expect, test } from 'vitest';
import { cpu } from '../src/cpu.ts';
import { ClearmapsError, createClearmaps, drawClearMap, drawViews } from '../src/index.ts';
import { native } from '../src/node.ts';
import { pool } from '../src/pool.ts';
import { wasm } from '../src/wasm.ts';
import { webgpu } from '../src/webgpu.ts';
import { inWorker } from '../src/worker.ts';
import { inWorkers } from '../src/workers.ts';

/** As plain JavaScript calls, where nothing checks the names. */
type Untyped = (...args: unknown[]) => unknown;

const untouched = (): never => expect.unreachable('it was not refused');

test.each<[string, () => unknown, string]>([
  ['wasm', () => (wasm as Untyped)({ path: '/wasm/' }), 'an option "path"; allowed: paths.'],
  [
    'webgpu',
    () => (webgpu as Untyped)({ power: 'low-power' }),
    'an option "power"; allowed: powerPreference.',
  ],
  ['native', () => (native as Untyped)({ thread: 2 }), 'allowed: threads, forward.'],
  ['pool', () => (pool as Untyped)({ modul: '' }), 'allowed: module, argument, threads.'],
  [
    'inWorker',
    () => (inWorker as Untyped)(untouched, { workers: 2 }),
    'an option "workers"; allowed: patience.',
  ],
  ['inWorkers', () => (inWorkers as Untyped)(untouched, { worker: 2 }), 'allowed: workers, patience.'],
  [
    'drawClearMap',
    () => (drawClearMap as Untyped)({}, { pallete: 'hues' }),
    'allowed: image, palette, scale.',
  ],
  ['drawViews', () => (drawViews as Untyped)({}, { view: ['clear'] }), 'an option "view"; allowed: '],
])('%s refuses an option that it does not have', (asked, call, message) => {
  expect(call).toThrow(ClearmapsError);
  expect(call).toThrow(`${asked}: got an option`);
  expect(call).toThrow(message);
});

test('so do createClearmaps and explain, before a picture is read or a worker is asked', async () => {
  const model = mnistNet();
  const misspelt = { modle: model, backends: [cpu()] } as unknown as Parameters<typeof createClearmaps>[0];
  const refused = createClearmaps(misspelt);
  await expect(refused).rejects.toThrow(ClearmapsError);
  await expect(refused).rejects.toThrow('an option "modle"; allowed: model, backends, onBackendChange.');

  const engine = {
    graph: model,
    classCount: 10,
    takesTensors: false,
    explain: untouched,
    predict: untouched,
    predictChanges: untouched,
    featureMap: untouched,
    dispose: () => {},
  };
  const cm = await createClearmaps({ model, backends: [{ name: 'none', open: async () => engine }] });
  const explained = cm.explain(new Blob(), { rul: 'guided' } as object);
  await expect(explained).rejects.toThrow('explain: got an option "rul"');
  await expect(explained).rejects.toThrow('allowed: rule, seed, classes, ');
  await cm.dispose();
});
