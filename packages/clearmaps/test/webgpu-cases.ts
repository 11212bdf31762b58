/// <reference types="vite/client" />
import { createExplainer } from '@clearmaps/deconvnet';
import { parseGoldenCase } from '@clearmaps/models';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import text from '../../deconvnet/golden/same-pool-odd.json?raw';
import { cpu } from '../src/cpu.ts';
import { createClearmaps, firstOf } from '../src/index.ts';
import type { TfjsBackend } from '../src/tfjs-backend.ts';
import { verifyGoldenCase } from '../src/verify.ts';
import type { WebGpuBackend } from '../src/webgpu.ts';

const golden = parseGoldenCase(JSON.parse(text));

/** Starts the first that serves, as `createClearmaps` does. */
export async function startBackend(backends: readonly TfjsBackend[]) {
  const { backend, skipped } = await firstOf(backends, (candidate) => candidate.start());
  return { name: backend.name, skipped };
}

/** What tfjs keeps to itself. */
const running = () =>
  tf.backend() as unknown as { device: GPUDevice; bufferManager: { numUsedBuffers: number } };

/** What holds in a page and in Node alike. */
export function webGpuCases(webgpu: () => WebGpuBackend): void {
  test('starts and gives the known answers', async () => {
    const backend = webgpu();
    expect(backend.lost).toBeUndefined();
    expect(await startBackend([backend, cpu()])).toEqual({ name: 'webgpu', skipped: [] });
    expect(tf.getBackend()).toBe('webgpu');
    const { passed, worstRelativeError } = await verifyGoldenCase(golden, backend);
    expect(passed, `worst relative error ${worstRelativeError}`).toBe(true);
    expect(tf.memory().numTensors).toBe(0);
  });

  test('keeps a backend that runs already, whoever started it', async () => {
    await startBackend([webgpu()]);
    const { device } = running();
    const tensor = tf.tidy(() => tf.relu(tf.range(0, 2000)));
    await startBackend([cpu()]);
    const backend = webgpu();
    await startBackend([backend]);
    expect(running().device).toBe(device);
    expect((await tensor.data())[1999]).toBe(1999);
    tensor.dispose();
    device.destroy();
    expect(await backend.lost).toMatch(/destroyed/);
  });

  test('says that its device was lost, and starts again with nothing left of the old one', async () => {
    const backend = webgpu();
    await startBackend([backend]);
    const old = running();
    const explainer = createExplainer(golden.graph);
    const expected = await explainer.explain(golden.input.values);
    const pending = explainer.explain(golden.input.values);
    old.device.destroy();
    await expect(pending).rejects.toThrow();
    expect(await backend.lost).toMatch(/destroyed/);
    await expect(explainer.explain(golden.input.values)).rejects.toThrow();
    explainer.dispose();

    await startBackend([backend]);
    expect(running().device).not.toBe(old.device);
    expect(old.bufferManager.numUsedBuffers).toBe(0);
    const again = createExplainer(golden.graph);
    expect(await again.explain(golden.input.values)).toEqual(expected);
    again.dispose();
    expect(tf.memory().numTensors).toBe(0);
  });

  test('gives its device up after an error that would have read as zeros', async () => {
    const backend = webgpu();
    await startBackend([backend]);
    const { device } = running();
    device.createBuffer({ size: device.limits.maxBufferSize + 4, usage: GPUBufferUsage.STORAGE });
    const sum = tf.tidy(() => tf.sum(tf.relu(tf.ones([2000]))));
    await expect(sum.data()).rejects.toThrow();
    expect(await backend.lost).toMatch(/^Buffer size \(\d+\) exceeds the max buffer size/);
    sum.dispose();
  });

  test('createClearmaps survives the loss of its device, and falls back the second time', async () => {
    const cm = await createClearmaps({ model: golden.graph, backends: [webgpu(), cpu()] });
    const expected = await cm.explain(golden.input.values);
    await tf.setBackend('webgpu');
    for (const name of ['webgpu', 'cpu']) {
      const underWay = cm.explain(golden.input.values);
      running().device.destroy();
      const { maps } = await underWay;
      expect(cm.backend.name).toBe(name);
      const scale = Math.max(...expected.maps.map(Math.abs));
      for (const [i, value] of maps.entries()) {
        expect(Math.abs(value - expected.maps[i]!)).toBeLessThanOrEqual(1e-5 * scale);
      }
    }
    expect(cm.backend.skipped.map(({ name }) => name)).toEqual(['webgpu', 'webgpu']);
    await cm.dispose();
  });
}
