import { readFileSync } from 'node:fs';
import { createExplainer } from '@clearmaps/deconvnet';
import { parseGoldenCase } from '@clearmaps/models';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findDawn } from '../../deconvnet/test/webgpu-adapter.ts';
import { cpu } from '../src/cpu.ts';
import { createClearmaps, firstOf } from '../src/index.ts';
import type { TfjsBackend } from '../src/tfjs-backend.ts';
import { verifyGoldenCase } from '../src/verify.ts';
import { webgpu } from '../src/webgpu.node.ts';
import { webgpu as webgpuOfPage } from '../src/webgpu.ts';
import { webGpuBackend } from '../src/webgpu-backend.ts';

const dawn = await findDawn();
const whenThere = typeof dawn === 'string' ? ` [SKIPPED: ${dawn}]` : '';
const file = new URL('../../deconvnet/golden/same-pool-odd.json', import.meta.url);
const golden = parseGoldenCase(JSON.parse(readFileSync(file, 'utf8')));

beforeAll(tf.enableProdMode);

async function startBackend(backends: readonly TfjsBackend[]) {
  const { backend, skipped } = await firstOf(backends, (candidate) => candidate.start());
  return { name: backend.name, skipped };
}

/** What tfjs keeps to itself. */
const running = () =>
  tf.backend() as unknown as { device: GPUDevice; bufferManager: { numUsedBuffers: number } };

describe('a machine without WebGPU is told so', () => {
  const page = { gpu: undefined as unknown, secure: true };
  const reasonOf = async (backend = webgpuOfPage()): Promise<string> => {
    vi.stubGlobal('navigator', { gpu: page.gpu });
    vi.stubGlobal('isSecureContext', page.secure);
    const { name, skipped } = await startBackend([backend, cpu()]);
    expect(name).toBe('cpu');
    return skipped[0]!.reason;
  };
  afterEach(() => vi.unstubAllGlobals());

  test('where the browser has none', async () => {
    expect(await reasonOf()).toMatch(/^navigator\.gpu is absent: this browser has no WebGPU/);
  });

  test('where the page is not secure', async () => {
    page.secure = false;
    expect(await reasonOf()).toMatch(/^navigator\.gpu is absent: the page is not secure.*https or localhost/);
  });

  test('where there is no adapter', async () => {
    const requestAdapter = vi.fn(async () => null);
    page.gpu = { requestAdapter };
    expect(await reasonOf(webgpuOfPage({ powerPreference: 'low-power' }))).toBe(
      'requestAdapter() returned null: the browser offers no GPU',
    );
    expect(requestAdapter).toHaveBeenCalledWith({ powerPreference: 'low-power' });
  });

  test('where there is no device', async () => {
    const adapter = {
      limits: {},
      features: new Set(),
      requestDevice: () => Promise.reject(new Error('the driver crashed')),
    };
    const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
    expect(await reasonOf(webGpuBackend(() => gpu, '', {}))).toBe(
      'requestDevice() failed: the driver crashed',
    );
  });
});

describe.skipIf(whenThere !== '')(`webgpu() in Node${whenThere}`, () => {
  test('runs on Dawn and gives the known answers', async () => {
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
});
