import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

/** Milliseconds from one plain line to the next. */
const PAUSE = 30_000;

/** A bar on a terminal; where stderr is a file or a pipe, a plain line at the start, at the end, and every half minute. */
export class Progress {
  private readonly bar: SingleBar | undefined;
  private done = 0;
  private told = Date.now();

  constructor(
    private readonly terminal: Terminal,
    private readonly label: string,
    private readonly total: number,
    /** What stands behind the bar in place of the time left; `advance` may say something else. */
    says?: string,
  ) {
    if (terminal.stderr.isTTY) {
      const stream = terminal.stderr as NodeJS.WriteStream;
      const tail = says === undefined ? '{eta_formatted} left' : '{says}';
      const format = `${label} {bar} {value}/{total}, ${tail}`;
      const room =
        (stream.columns || 80) - `${label}  ${total}/${total}, ${says ?? 'some time left'} `.length;
      const barsize = Math.min(40, Math.max(5, room));
      this.bar = new SingleBar(
        { format, stream, barsize, hideCursor: true, clearOnComplete: true },
        Presets.shades_grey,
      );
      this.bar.start(total, 0, { says });
    } else {
      this.tell();
    }
  }

  /** Adds to what is done. */
  advance(by = 1, says?: string): void {
    this.reach(this.done + by, says);
  }

  /** Says how much is done in all. */
  reach(done: number, says?: string): void {
    this.done = done;
    this.bar?.update(Math.round(this.done), says === undefined ? {} : { says });
    if (this.bar === undefined && Date.now() >= this.told + PAUSE) this.tell(says);
  }

  /** Always to be called, also after an error: it gives the cursor back. */
  stop(): void {
    this.bar?.stop();
    this.tell();
  }

  private tell(says?: string): void {
    this.told = Date.now();
    const more = says === undefined ? '' : `, ${says}`;
    this.terminal.stderr.write(`${this.label}: ${Math.round(this.done)}/${this.total}${more}\n`);
  }
}
