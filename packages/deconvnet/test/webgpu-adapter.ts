import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where Debian's chromium describes SwiftShader, a Vulkan without a GPU. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

interface Dawn {
  /** To be held as long as a device of it lives: collected, it takes the process down. */
  readonly gpu: GPU;
  readonly globals: object;
}

/**
 * Dawn of npm `webgpu`, on the Vulkan that `VK_ICD_FILENAMES` names, else on Chromium's SwiftShader, so that the
 * same arithmetic is tested everywhere, else on what the system has; or the reason why there is no adapter.
 *
 * @throws that reason where CLEARMAPS_REQUIRE_WEBGPU is set, as CI does.
 */
export async function findDawn(): Promise<Dawn | string> {
  if (process.env.VK_ICD_FILENAMES === undefined && existsSync(SWIFTSHADER)) {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER;
  }
  // Where it is unset, the Vulkan loader's Wayland library complains of it on stderr.
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  const found = await import('webgpu').then(
    async ({ create, globals }) => {
      const gpu = create([]);
      const adapter = await gpu.requestAdapter();
      return adapter === null ? `no Vulkan, Metal or Direct3D adapter, nor ${SWIFTSHADER}` : { gpu, globals };
    },
    (error: Error) => `npm webgpu does not load here: ${error.message}`,
  );
  if (typeof found === 'string' && process.env.CLEARMAPS_REQUIRE_WEBGPU) throw new Error(found);
  return found;
}

/**
 * Gives this process WebGPU as a page has it.
 *
 * @returns why there is none, '' where there is. Import the tfjs backend after it: it looks for WebGPU once.
 */
export async function provideWebGpu(): Promise<string> {
  const dawn = await findDawn();
  if (typeof dawn === 'string') return dawn;
  Object.assign(globalThis, dawn.globals);
  // Node 20 has no navigator.
  globalThis.navigator ??= {} as Navigator;
  Object.assign(navigator, { gpu: dawn.gpu });
  return '';
}
