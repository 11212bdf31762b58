/** What the shell gets back. Documented in `clearmaps --help`. */
export const EXIT = {
  ok: 0,
  /** `verify` or `doctor` found a difference, or `doctor` no backend that runs. */
  verificationFailed: 1,
  /** An argument, a file or a folder that cannot be used. */
  badInput: 2,
  /** A bug of ours. */
  internal: 70,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
  /** What was printed went to a pipe that nobody reads any more, as of `head`: 128 + SIGPIPE. */
  brokenPipe: 141,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    verify, doctor: an answer is off; doctor: nothing runs
  2    an argument, a file or a folder cannot be used
  70   a bug: please report it, with --debug
  130  interrupted
  141  the reader of the output went away`;
