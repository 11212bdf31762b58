import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';

const require = createRequire(import.meta.url);

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
    packages: Object.fromEntries(engines().map((name) => [name, versionOf(name)])),
  };
}

/** The packages that compute, all of which the command line asks npm for itself: TensorFlow.js, and what is optional. */
function engines(): string[] {
  const { dependencies, optionalDependencies } = require('../package.json') as Record<string, object>;
  const tensorflow = Object.keys(dependencies!).filter((name) => name.startsWith('@tensorflow/'));
  return [...tensorflow, ...Object.keys(optionalDependencies!)].sort();
}

function versionOf(name: string): string | null {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
}
