import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';

/** What the command line may compute with, besides itself. */
const PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
  'onnxruntime-node',
  'webgpu',
] as const;

export interface Machine {
  readonly node: string;
  /** As npm names it: linux-x64. */
  readonly platform: string;
  /** That this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Version of each package; null where it is not installed. */
  readonly packages: Readonly<Record<string, string | null>>;
}

export function thisMachine(): Machine {
  // Of a container; 0 or huge where there is no limit.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: Math.min(totalmem(), limit),
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string | null {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
}
