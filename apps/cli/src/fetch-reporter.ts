import type { FetchOptions } from '@clearmaps/datasets/fetch';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** A bar for each file that is downloaded. */
export class FetchReporter {
  private bar: Progress | undefined;
  private file = '';
  private shown = 0;

  constructor(private readonly terminal: Terminal) {}

  readonly onProgress: NonNullable<FetchOptions['onProgress']> = ({
    file,
    received,
    total,
    fileIndex,
    fileCount,
  }) => {
    if (file !== this.file) {
      this.stop();
      const label = `${file} (${fileIndex + 1} of ${fileCount}), KiB`;
      this.bar = new Progress(this.terminal, label, Math.ceil(total / 1024));
      this.file = file;
      this.shown = 0;
    }
    const kib = Math.floor(received / 1024);
    this.bar?.advance(kib - this.shown);
    this.shown = kib;
  };

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}
