import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterMap } from '../graph-weights.ts';

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Room for one float32 value for each of the tensors' values, in memory that all threads see. */
export function shareRoom(tensors: ParameterMap<Tensor>): SharedArrayBuffer {
  const total = [...tensors.values()].reduce((sum, { size }) => sum + size, 0);
  return new SharedArrayBuffer(total * BYTES);
}

/** The part of each tensor, in the order of the map. Every thread cuts the room alike, as their nets are alike. */
export function cutRoom(
  room: SharedArrayBuffer,
  tensors: ParameterMap<Tensor>,
): Map<string, Float32Array<SharedArrayBuffer>> {
  const parts = new Map<string, Float32Array<SharedArrayBuffer>>();
  let at = 0;
  for (const [key, { size }] of tensors) {
    parts.set(key, new Float32Array(room, at, size));
    at += size * BYTES;
  }
  return parts;
}

/** Copies the values of tensors into their parts, read back from the backend. */
export async function writeParts(
  parts: ReadonlyMap<string, Float32Array>,
  tensors: ParameterMap<Tensor>,
): Promise<void> {
  await Promise.all(
    [...parts].map(async ([key, part]) => part.set((await tensors.get(key)!.data()) as Float32Array)),
  );
}
