import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

/** A bar on a terminal; where stderr is a file or a pipe, one plain line at the start and one at the end. */
export class Progress {
  private readonly bar: SingleBar | undefined;
  private done = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly label: string,
    private readonly total: number,
    /** More to say at the end of the bar, with {names} that `advance` fills in. */
    payload = '',
  ) {
    if (terminal.stderr.isTTY) {
      const format = `${label} {bar} {value}/{total}, {eta_formatted} left ${payload}`;
      const stream = terminal.stderr as NodeJS.WriteStream;
      this.bar = new SingleBar(
        { format, stream, hideCursor: true, clearOnComplete: true },
        Presets.shades_grey,
      );
      this.bar.start(total, 0);
    } else {
      terminal.stderr.write(`${label}: 0/${total}\n`);
    }
  }

  /** Adds to what is done. */
  advance(by = 1, payload: Readonly<Record<string, string | number>> = {}): void {
    this.done += by;
    this.bar?.update(this.done, payload);
  }

  /** Always to be called, also after an error: it gives the cursor back. */
  stop(): void {
    this.bar?.stop();
    this.terminal.stderr.write(`${this.label}: ${this.done}/${this.total}\n`);
  }
}
