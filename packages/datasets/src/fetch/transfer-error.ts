/** What to do after a transfer that failed. */
export type Recovery =
  /** Go on where it stopped. */
  | 'resume'
  /** Forget what came, and begin again at the same place. */
  | 'restart'
  /** The same place will not give it. */
  | 'next mirror';

/** A transfer that failed in a way that another try or another mirror may mend. Never leaves this folder. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  readonly recovery: Recovery;

  constructor(reason: string, recovery: Recovery, cause?: unknown) {
    super(reason, cause === undefined ? {} : { cause });
    this.recovery = recovery;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is not known: offline, or names are not resolved here',
  EAI_AGAIN: 'the host name could not be looked up: offline, or names are not resolved here',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was broken off',
  UND_ERR_SOCKET: 'the connection was broken off',
  ETIMEDOUT: 'no answer in time, as behind many firewalls',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time, as behind many firewalls',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the transfer stalled',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTUNREACH: 'the host cannot be reached',
};

/** What `fetch` threw, in words. Its own message says "fetch failed" and hides the reason one or two causes down. */
export function networkReason(error: unknown): string {
  let found = error instanceof Error ? error.message : String(error);
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code && REASONS[code]) return `${REASONS[code]} (${code})`;
    if (code && /CERT|SELF_SIGNED|TLS|SSL/.test(code)) {
      return `its certificate is not trusted here: a firewall may read along (${code})`;
    }
    if (cause.message) found = code ? `${cause.message} (${code})` : cause.message;
  }
  return found;
}
