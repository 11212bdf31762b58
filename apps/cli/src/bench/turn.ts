/** Only a turn of the event loop lets Ctrl-C come in. @throws the signal's reason once it is aborted */
export async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((next) => setImmediate(next));
  signal.throwIfAborted();
}
