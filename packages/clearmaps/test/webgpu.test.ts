import { enableProdMode } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findDawn } from '../../deconvnet/test/webgpu-adapter.ts';
import { cpu } from '../src/cpu.ts';
import { webgpu } from '../src/webgpu.node.ts';
import { webgpu as webgpuOfPage } from '../src/webgpu.ts';
import { webGpuBackend } from '../src/webgpu-backend.ts';
import { startBackend, webGpuCases } from './webgpu-cases.ts';

const dawn = await findDawn();
const whenThere = typeof dawn === 'string' ? ` [SKIPPED: ${dawn}]` : '';

beforeAll(enableProdMode);

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

describe.skipIf(whenThere !== '')(`webgpu() in Node${whenThere}`, () => webGpuCases(webgpu));
