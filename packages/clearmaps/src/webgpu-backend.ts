import { checkOptionNames } from '@clearmaps/errors';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { engine, findBackendFactory, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { BackendError } from './errors.ts';
import { type TfjsBackend, tfjsBackend } from './tfjs-backend.ts';

export interface WebGpuOptions {
  /** Which GPU of several; 'high-performance' unless told. A wish that the browser may overhear. */
  readonly powerPreference?: 'high-performance' | 'low-power';
}

export interface WebGpuBackend extends TfjsBackend {
  /**
   * Resolves, with the reason, once the device that the last `start` or `open` left in place is lost: taken away by
   * driver or browser, destroyed, or given up after an error that would have made results wrong without a word.
   * Reads then reject; `start` or `open` once more for a new device. Undefined before the first of them.
   */
  readonly lost: Promise<string> | undefined;
}

/** The name under which tfjs knows the backend and its kernels. */
const NAME = 'webgpu';
/** As high as tfjs' own registration. */
const PRIORITY = 3;

/** What tfjs asks of a device, as much as the adapter has: without asking, WebGPU gives its lowest limits. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** @param findGpu gives the page's `navigator.gpu` or one like it, or throws with the reason there is none */
export function webGpuBackend(
  findGpu: () => GPU | Promise<GPU>,
  noAdapter: string,
  options: WebGpuOptions,
): WebGpuBackend {
  checkOptionNames('webgpu', options, { powerPreference: true }, BackendError);
  let lost: Promise<string> | undefined;
  const prepare = async (): Promise<void> => {
    const running = engine().registry[NAME];
    if (running instanceof WebGPUBackend && !(await isLost(running.device))) {
      // The page, or an earlier start, uses it already: its tensors would die with it.
      lost = lossOf(running.device);
      return;
    }
    const gpu = await findGpu();
    const { powerPreference = 'high-performance' } = options;
    const adapter = await gpu.requestAdapter({ powerPreference });
    if (adapter === null) throw new Error(`requestAdapter() returned null: ${noAdapter}`);
    const device = await requestDevice(adapter);
    lost = lossOf(device);
    giveUpOnErrors(device);
    // Importing the package registers a factory of its own; a lost backend is still there, too.
    if (findBackendFactory(NAME) !== null) removeBackend(NAME);
    registerBackend(NAME, () => new WebGPUBackend(device, adapter.info), PRIORITY);
  };
  return {
    ...tfjsBackend({ name: NAME, prepare, lost: () => lost }),
    get lost() {
      return lost;
    },
  };
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice({
      requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
      // For tf.time() and tf.profile().
      requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
    });
  } catch (cause) {
    throw new Error(`requestDevice() failed: ${(cause as Error).message}`, { cause });
  }
}

/** The error for which a device was given up. */
const givenUp = new WeakMap<GPUDevice, string>();

/**
 * A failed allocation or shader makes WebGPU skip the commands that need it, and tfjs reads zeros as if nothing had
 * happened. Without its device every pending read rejects instead.
 */
function giveUpOnErrors(device: GPUDevice): void {
  device.addEventListener('uncapturederror', ({ error }) => {
    if (givenUp.has(device)) return;
    givenUp.set(device, error.message.split('\n')[0]!);
    // Not at once: Dawn calls back while it holds its lock.
    queueMicrotask(() => device.destroy());
  });
}

async function lossOf(device: GPUDevice): Promise<string> {
  const { reason, message } = await device.lost;
  return givenUp.get(device) ?? (message || `the device was lost (${reason})`);
}

/** Whether `device.lost` has resolved by now. */
function isLost(device: GPUDevice): Promise<boolean> {
  return Promise.race([
    device.lost.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, 0, false)),
  ]);
}
