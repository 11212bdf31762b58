/** Serves with wasm. */
export const wasmWorker = (): Worker =>
  new Worker(new URL('./wasm.worker.ts', import.meta.url), { type: 'module' });

/** Serves with WebGPU, or else with wasm. */
export const webGpuWorker = (): Worker =>
  new Worker(new URL('./webgpu.worker.ts', import.meta.url), { type: 'module' });

/** Fails as soon as it runs. */
export function throwingWorker(): Worker {
  const script = new Blob(['throw new RangeError("no good")'], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(script), { type: 'module' });
  // Keeps the expected error out of the console.
  worker.addEventListener('error', (event) => event.preventDefault());
  return worker;
}
