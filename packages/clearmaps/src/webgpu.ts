import { type WebGpuBackend, type WebGpuOptions, webGpuBackend } from './webgpu-backend.ts';

export type { WebGpuBackend, WebGpuOptions };

/** The GPU, through the browser's WebGPU. In Node this entry is another file, on Dawn. */
export function webgpu(options: WebGpuOptions = {}): WebGpuBackend {
  return webGpuBackend(gpuOfPage, 'the browser offers no GPU', options);
}

function gpuOfPage(): GPU {
  // Absent where there is no WebGPU, whatever the type says; so is navigator outside of pages and workers.
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu as GPU | undefined;
  if (gpu !== undefined) return gpu;
  throw new Error(
    globalThis.isSecureContext
      ? 'navigator.gpu is absent: this browser has no WebGPU, or it is switched off'
      : 'navigator.gpu is absent: the page is not secure, WebGPU needs https or localhost',
  );
}
