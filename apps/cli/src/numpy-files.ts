import { readFile, stat } from 'node:fs/promises';
import { failureInWords } from '@clearmaps/files';
import { type NpyArray, parse } from 'npyjs';
import { UsageError } from './errors.ts';

/** Larger than any picture that a net takes; a hostile file stops here. */
const MOST_BYTES = 2 ** 30;
const NUMBERS = ['f4', 'f8', 'f2', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4'];

/**
 * Numbers of any type as float32, row-major.
 *
 * @throws UsageError for a missing, huge, truncated or foreign file, other types than numbers, Fortran order.
 */
export async function readNpy(path: string): Promise<{ values: Float32Array; shape: readonly number[] }> {
  const refuse = (got: string, remedy: string, cause?: unknown): never => {
    throw new UsageError({
      asked: `array ${path}`,
      got,
      allowed: 'a NumPy .npy file of numbers',
      remedy,
      cause,
    });
  };
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) refuse(`${size} bytes`, `Give at most ${MOST_BYTES}.`);
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    return refuse(failureInWords(cause), 'Check the path.', cause);
  }
  let array: NpyArray;
  try {
    // A copy of its own: the parser reads from the start of the buffer.
    array = parse(new Uint8Array(bytes).buffer, { convertFloat16: true });
  } catch (cause) {
    return refuse('something that is not one, or a part of one', 'Write it with numpy.save.', cause);
  }
  if (!NUMBERS.includes(array.dtype)) refuse(`dtype ${array.dtype}`, 'Convert it with .astype("float32").');
  if (array.fortranOrder) refuse('Fortran order', 'Save it with numpy.ascontiguousarray.');
  const data = array.data as unknown as ArrayLike<number>;
  const size = array.shape.reduce((a, b) => a * b, 1);
  if (data.length !== size)
    refuse(`${data.length} numbers for shape [${array.shape}]`, 'The file is damaged.');
  return { values: Float32Array.from(data), shape: array.shape };
}
