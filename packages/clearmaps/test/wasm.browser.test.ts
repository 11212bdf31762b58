import { mnistNet } from '@clearmaps/models';
import { expect, test } from 'vitest';
import { createClearmaps, firstOf } from '../src/index.ts';
import { wasm } from '../src/wasm.ts';
import { WASM_PATHS } from './browser/wasm-paths.ts';

const model = mnistNet({ seed: 4 });

const started = (paths: Record<string, string>): Promise<unknown> =>
  firstOf([wasm({ paths })], (backend) => backend.start());

const file = 'tfjs-backend-wasm-simd.wasm';

/** An address that answers with something else. */
const wrong = (type: string): string => URL.createObjectURL(new Blob(['<!doctype html>'], { type }));

test('a server that answers with a page of HTML is named, and what to serve there', async () => {
  const address = wrong('text/html');
  await expect(started({ [file]: address })).rejects.toThrow(
    `wasm: ${address} is no WebAssembly: the server answers 200 with a page of HTML; ` +
      'serve the three .wasm files of @tensorflow/tfjs-backend-wasm/dist there',
  );
});

test('a server that answers with something else is named, and the type of that', async () => {
  await expect(started({ [file]: wrong('application/json') })).rejects.toThrow('200 with application/json');
});

test('an address that is missing is named', async () => {
  await expect(started({})).rejects.toThrow(`paths has no entry for ${file}`);
});

test('after a wrong address, a right one serves', async () => {
  const backends = [wasm({ paths: { [file]: wrong('text/html') } }), wasm({ paths: WASM_PATHS })];
  const cm = await createClearmaps({ model, backends });
  expect(cm.backend.name).toBe('wasm');
  expect(cm.backend.skipped).toHaveLength(1);
  const { maps } = await cm.explain(new Float32Array(784).fill(0.5));
  expect(maps).toHaveLength(7840);
  await cm.dispose();
});
