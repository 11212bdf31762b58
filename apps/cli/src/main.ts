import { writeSync } from 'node:fs';
import { ClearmapsError } from '@clearmaps/errors';
import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs one command line.
 *
 * @param argv without `node` and the script
 * @returns the exit code: see `clearmaps --help`. Nothing is thrown.
 */
export async function main(argv: readonly string[], terminal?: Terminal): Promise<number> {
  if (terminal) return run(argv, terminal);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError);
  try {
    return await run(argv, { stdout: process.stdout, stderr: process.stderr, signal: interrupt.signal });
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** Before `head` as other tools end: at once and without a word. Where a disk is full, with one. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.brokenPipe);
  try {
    writeSync(process.stderr.fd, `Error: to print: got ${error.code ?? error.message}.\n`);
  } catch {
    // stderr may lie on the same disk.
  }
  process.exit(EXIT.badInput);
}

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.ok;
  try {
    const program = await buildProgram(argv, terminal, (exitCode) => {
      code = exitCode;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, argv.includes('--debug'), terminal);
  }
}

function report(error: unknown, debug: boolean, { stderr, signal }: Terminal): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
  if (signal.aborted) {
    stderr.write('Interrupted. Files written so far are whole.\n');
    return EXIT.interrupted;
  }
  const known = error instanceof ClearmapsError;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  stderr.write(`${known ? 'Error' : 'Internal error'}: ${debug ? (stack ?? message) : message}\n`);
  if (debug && error instanceof Error && error.cause) stderr.write(`Cause: ${String(error.cause)}\n`);
  if (!known && !debug) stderr.write('This is a bug of clearmaps. Run again with --debug and report it.\n');
  return known ? EXIT.badInput : EXIT.internal;
}
