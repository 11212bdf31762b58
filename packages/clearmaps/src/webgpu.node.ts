import { type WebGpuBackend, type WebGpuOptions, webGpuBackend } from './webgpu-backend.ts';

export type { WebGpuBackend, WebGpuOptions };

const NO_ADAPTER =
  'Dawn found no driver for Vulkan, Metal or Direct3D 12. Without a GPU, let VK_ICD_FILENAMES name a Vulkan in ' +
  "software, for example /usr/lib/chromium/vk_swiftshader_icd.json of Debian's chromium (with libvulkan1)";

/** The GPU, through Dawn of the npm package `webgpu`, an optional peer. */
export function webgpu(options: WebGpuOptions = {}): WebGpuBackend {
  return webGpuBackend(gpuOfDawn, NO_ADAPTER, options);
}

/** Held here as well: collected while a device of it lives, Dawn takes the process down. */
let dawn: GPU | undefined;

/** The process's WebGPU, installed as a page would have it: tfjs looks for `navigator.gpu` and for the globals. */
async function gpuOfDawn(): Promise<GPU> {
  // Node 20 has no navigator.
  globalThis.navigator ??= {} as Navigator;
  if (navigator.gpu !== undefined) return navigator.gpu;
  const { create, globals } = await importDawn();
  Object.assign(globalThis, globals);
  dawn = create([]);
  Object.assign(navigator, { gpu: dawn });
  return dawn;
}

async function importDawn(): Promise<typeof import('webgpu')> {
  try {
    return await import('webgpu');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new Error(
      missing
        ? 'the npm package webgpu, an optional peer, is not installed: npm install webgpu'
        : `the npm package webgpu does not load here: ${(cause as Error).message}`,
      { cause },
    );
  }
}
