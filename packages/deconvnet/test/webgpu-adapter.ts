import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where Debian's chromium describes SwiftShader, a Vulkan without a GPU. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Gives this process WebGPU: Dawn of npm `webgpu`, on the Vulkan that `VK_ICD_FILENAMES` names, else on
 * Chromium's SwiftShader, so that the same arithmetic is tested everywhere, else on what the system has.
 *
 * @returns why there is none, '' where there is. Import the tfjs backend after it: it looks for WebGPU once.
 */
export async function provideWebGpu(): Promise<string> {
  if (process.env.VK_ICD_FILENAMES === undefined && existsSync(SWIFTSHADER)) {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER;
  }
  // Where it is unset, the Vulkan loader's Wayland library complains of it on stderr.
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  const dawn = await import('webgpu').catch((error: Error) => error);
  if (dawn instanceof Error) return `npm webgpu does not load here: ${dawn.message}`;
  const { create, globals } = dawn;
  const gpu = create([]);
  if ((await gpu.requestAdapter()) === null)
    return `no Vulkan, Metal or Direct3D adapter, nor ${SWIFTSHADER}`;
  Object.assign(globalThis, globals);
  // Node 20 has no navigator. It also keeps Dawn from being collected, which would crash the process.
  globalThis.navigator ??= {} as Navigator;
  Object.assign(navigator, { gpu });
  return '';
}
