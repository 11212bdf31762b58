import type { Backend } from '../src/backend.ts';
import { cpu } from '../src/cpu.ts';
import { wasm } from '../src/wasm.ts';

/** What the threads of pool.test.ts run on. */
export default function backends(name?: string): Backend[] {
  if (name === 'none') return [];
  return name === 'cpu' ? [cpu()] : [wasm()];
}
