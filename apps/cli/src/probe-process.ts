import { type BackendReport, probeBackend } from './backend-probe.ts';

/** What the process tells: what is known so far, at last with `done`. */
export interface ProbeMessage {
  readonly report: BackendReport;
  readonly done: boolean;
}

// `doctor` starts this once a backend: a driver that hangs or takes its process down leaves the others alone.
const tell = (report: BackendReport, done: boolean): void => {
  process.send!({ report, done } satisfies ProbeMessage);
};
const [name, cases] = process.argv.slice(2) as [name: string, cases?: string];
tell(await probeBackend(name, cases, (report) => tell(report, false)), true);
