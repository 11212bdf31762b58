import type { Backend } from 'clearmaps';
import { chooseBackends } from './backends.ts';

/** What the threads of `explain --workers` run on: the row that the main thread chose. */
export default function poolBackends(name: string): Backend[] {
  return chooseBackends(name);
}
