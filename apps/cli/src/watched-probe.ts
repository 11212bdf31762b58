import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { type BackendReport, brokenOff } from './backend-probe.ts';
import type { ProbeMessage } from './probe-process.ts';

export interface WatchedProbeOptions {
  /** The backend. */
  readonly name: string;
  /** A folder of golden cases to verify. */
  readonly cases?: string;
  /** How long the process may say nothing before it counts as hung, milliseconds. */
  readonly patience: number;
  readonly signal: AbortSignal;
  /** What the process runs. */
  readonly script?: URL;
}

/** Beside this file, both in src, as .ts, and in dist. */
const PROBE = new URL(`./probe-process${extname(import.meta.url)}`, import.meta.url);

/** Of what a process writes on stderr, the end is kept: the message of a crash. */
const KEPT_CHARACTERS = 2000;

/**
 * Probes a backend in a process of its own, and ends that process when it has reported, or hangs.
 *
 * @throws the signal's reason
 */
export async function probeWatched(options: WatchedProbeOptions): Promise<BackendReport> {
  const { name, cases, patience, signal, script = PROBE } = options;
  signal.throwIfAborted();
  const child = fork(script, cases === undefined ? [name] : [name, cases], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    return await Promise.race([reportOf(child, name, patience), abortOf(signal)]);
  } finally {
    // It may hold a driver that does not let go.
    child.kill('SIGKILL');
  }
}

function reportOf(child: ChildProcess, name: string, patience: number): Promise<BackendReport> {
  return new Promise((resolve) => {
    let known: BackendReport | undefined;
    let last = '';
    const fails = (why: string): void => resolve(brokenOff(name, known, why));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      last = (last + text).slice(-KEPT_CHARACTERS);
    });
    const timer = setTimeout(
      () => fails(`it hangs: nothing came back within ${patience / 1000} s`),
      patience,
    );
    child.on('message', ({ report, done }: ProbeMessage) => {
      timer.refresh();
      known = report;
      if (done) resolve(report);
    });
    child.on('error', (error) => fails(error.message));
    child.on('close', (code, ended) => {
      clearTimeout(timer);
      const how = `it took its process down (${ended ?? `exit code ${code}`})`;
      fails([how, ...last.trim().split('\n').slice(-1)].filter(Boolean).join(': '));
    });
  });
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
