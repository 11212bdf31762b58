import { transfer } from 'comlink';

/** Marks what is sent to another thread: the arrays in it, or in a part of it, however deep, move and are not copied. */
export function arraysMoved<T extends object>(sent: T, holder: object = sent): T {
  return transfer(sent, [...new Set(buffersOf(holder))]);
}

function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersOf) : [];
}
