import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** In a thread of its own: native code blocks the one that calls it. */
const SAMPLER = `
  const { workerData, parentPort } = require('node:worker_threads');
  let most = 0;
  const timer = setInterval(() => { most = Math.max(most, process.memoryUsage.rss()); }, 2);
  parentPort.once('message', () => { clearInterval(timer); parentPort.postMessage(most); });
  parentPort.postMessage('ready');
`;

/** By how many bytes the process's resident memory grows while a task runs, at most; what it frees again counts. */
export async function processGrowth(task: () => Promise<void>): Promise<number> {
  const sampler = new Worker(SAMPLER, { eval: true });
  try {
    await once(sampler, 'message');
    const before = process.memoryUsage.rss();
    await task();
    sampler.postMessage('done');
    const [most] = (await once(sampler, 'message')) as [number];
    return Math.max(most - before, 0);
  } finally {
    await sampler.terminate();
  }
}
