import type { Backend } from 'clearmaps';
import { chooseBackends } from './backends.ts';

/** What each thread of a pool runs on: the row that the main thread chose, without more threads of its own. */
export default function poolBackends(name: string): Backend[] {
  return chooseBackends({ backend: name }, 1);
}
