import { isMainThread } from 'node:worker_threads';

// Vitest compiles what it runs itself; a worker thread that a test starts is Node's alone. Tests inherit this module
// to their workers (see vitest.config.ts), so these run the sources as well.
if (!isMainThread) await import('./typescript.mjs');
