/** The four things a reader of an error wants to know. */
export interface ErrorDetails {
  /** What was asked for, and where: `layer "conv_3": strides`. */
  readonly asked: string;
  /** What came instead: `got [0, 1]`. */
  readonly got?: string;
  /** What is allowed: `integers >= 1`. */
  readonly allowed?: string;
  /** What to do next, as a sentence: `Export the model again with ...`. */
  readonly remedy?: string;
  /** The error underneath, if any. */
  readonly cause?: unknown;
}

/**
 * Every error that clearmaps throws on purpose. The message is built from the details:
 * `asked: got X; allowed: Y. Remedy`. Anything else that escapes is a bug of ours.
 */
export class ClearmapsError extends Error {
  override readonly name: string = 'ClearmapsError';
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails) {
    const { asked, got, allowed, remedy, cause } = details;
    const facts = [got && `got ${got}`, allowed && `allowed: ${allowed}`].filter(Boolean).join('; ');
    super(
      `${asked}${facts ? `: ${facts}` : ''}.${remedy ? ` ${remedy}` : ''}`,
      cause === undefined ? {} : { cause },
    );
    this.details = details;
  }
}
