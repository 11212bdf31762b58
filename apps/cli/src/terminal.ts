/** What a command may use of the world: two streams and a way to be stopped. Tests pass their own. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  /** Progress and errors, so that `--json` output stays clean. */
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export function printLine(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

export function printJson(terminal: Terminal, value: unknown): void {
  printLine(terminal, JSON.stringify(value, null, 2));
}
