import type { Session } from './runtime.ts';

/** A session that somebody uses, or may use again. */
interface Entry {
  readonly opening: Promise<Session>;
  users: number;
}

/** Keeps the sessions used last, up to a number; a session in use is never closed. */
export class SessionCache {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry>();
  private readonly running = new Set<Promise<unknown>>();

  constructor(private most: number) {}

  /** Runs `use` on the session of that key, opened by `open` where it is not there yet. */
  async use<T>(key: string, open: () => Promise<Session>, use: (session: Session) => Promise<T>): Promise<T> {
    const entry = this.entries.get(key) ?? this.add(key, open);
    // The one used last stands last.
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.users++;
    const run = entry.opening.then(use);
    this.running.add(run);
    try {
      return await run;
    } finally {
      this.running.delete(run);
      entry.users--;
      await this.shrinkTo(this.most);
    }
  }

  /** Closes every session once nobody uses it any more. */
  async close(): Promise<void> {
    this.most = 0;
    await Promise.allSettled(this.running);
    await this.shrinkTo(0);
  }

  private add(key: string, open: () => Promise<Session>): Entry {
    const entry: Entry = { opening: open(), users: 0 };
    // One that never opened must not answer for later calls.
    entry.opening.catch(() => this.entries.delete(key));
    return entry;
  }

  private async shrinkTo(most: number): Promise<void> {
    const idle = [...this.entries].filter(([, { users }]) => users === 0);
    const surplus = idle.slice(0, Math.max(this.entries.size - most, 0));
    for (const [key] of surplus) this.entries.delete(key);
    for (const [, { opening }] of surplus) await (await opening).release();
  }
}
