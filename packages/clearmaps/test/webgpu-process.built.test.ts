import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findDawn } from '../../deconvnet/test/webgpu-adapter.ts';

const dawn = await findDawn();
const whenThere = typeof dawn === 'string' ? ` [SKIPPED: ${dawn}]` : '';

/** Runs an ES module in a process of its own, in this package's folder. */
function runScript(code: string, ...flags: string[]) {
  const cwd = new URL('..', import.meta.url);
  return spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', code], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

const explain = `
  import { createClearmaps } from 'clearmaps';
  import { webgpu } from 'clearmaps/webgpu';
  import { enableProdMode } from '@tensorflow/tfjs-core';
  enableProdMode();
  const model = {
    name: 'scale',
    inputShape: [1, 1, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'scores',
        inputs: ['input'],
        kernel: { shape: [1, 1, 1, 2], values: Float32Array.from([3, 5]) },
        strides: [1, 1],
        padding: 'valid',
      },
      { type: 'globalAveragePool2d', name: 'pool', inputs: ['scores'] },
    ],
  };
  const cm = await createClearmaps({ model, backends: [webgpu()] });
  const { maps } = await cm.explain(Float32Array.from([2]), { rule: 'linear', seed: 'unit' });
  console.log(cm.backend.name, ...maps);
`;

describe.skipIf(whenThere !== '')(`a process that used the GPU${whenThere}`, () => {
  test.each([
    ['with everything still there', ''],
    ['with its model disposed of', 'cm.dispose();'],
    ['with an explanation on its way', 'cm.explain(Float32Array.from([2]));'],
  ])('ends by itself %s', (_, code) => {
    const { status, signal, stdout, stderr } = runScript(explain + code);
    expect({ status, signal, stdout }, stderr).toEqual({ status: 0, signal: null, stdout: 'webgpu 3 5\n' });
  });

  test('survives garbage collection', () => {
    const more = `
      for (let i = 0; i < 3; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      console.log(...(await cm.explain(Float32Array.from([2]), { rule: 'linear', seed: 'unit' })).maps);
    `;
    const { status, stdout, stderr } = runScript(explain + more, '--expose-gc');
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: 'webgpu 3 5\n3 5\n' });
  });
});

test('without the npm package webgpu, the reason names it', () => {
  const hooks = `data:text/javascript,${encodeURIComponent(`
    export function resolve(specifier, context, next) {
      if (specifier !== 'webgpu') return next(specifier, context);
      throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    }
  `)}`;
  const { stderr } = runScript(`import { register } from 'node:module';
    register(${JSON.stringify(hooks)});
    const { firstOf } = await import('clearmaps');
    const { webgpu } = await import('clearmaps/webgpu');
    await firstOf([webgpu()], (backend) => backend.start());
  `);
  expect(stderr).toMatch(
    /BackendError: .*webgpu: the npm package webgpu, an optional peer, is not installed: npm install webgpu/,
  );
});
