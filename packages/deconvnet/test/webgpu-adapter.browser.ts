/** In place of webgpu-adapter.ts in a page, which has WebGPU by itself. Why it has none, '' where it does. */
export async function provideWebGpu(): Promise<string> {
  const adapter = await (navigator.gpu as GPU | undefined)?.requestAdapter();
  if (adapter) return '';
  throw new Error(navigator.gpu ? 'requestAdapter() returned null' : 'navigator.gpu is absent');
}
