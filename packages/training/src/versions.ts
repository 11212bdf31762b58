import { getBackend, version_core } from '@tensorflow/tfjs-core';
import manifest from '../package.json' with { type: 'json' };

/** What a run depends on beside its inputs: this package, tfjs-core, the active backend and, where there is one, Node. */
export function versions(): Record<string, string> {
  const node = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
  return {
    [manifest.name]: manifest.version,
    '@tensorflow/tfjs-core': version_core,
    backend: getBackend(),
    ...(node && { node }),
  };
}
