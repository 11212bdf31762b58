import type { FileHandle } from 'node:fs/promises';
import { npyHeader, npyValues } from '@clearmaps/datasets';

/** R(x|c) of several classes in a .npy file, float32 [N, H, W, C], each written as soon as it is there. */
export class ResponseFile {
  private readonly header: Uint8Array;

  /**
   * @param classes in the order of the file
   * @param shape [H, W, C]
   */
  constructor(
    private readonly file: FileHandle,
    private readonly classes: readonly number[],
    private readonly shape: readonly [number, number, number],
  ) {
    this.header = npyHeader('float32', [classes.length, ...shape]);
  }

  async begin(): Promise<void> {
    await writeAt(this.file, this.header, 0);
  }

  /** @param responses of some of the classes, [m, H, W, C] */
  async put(classes: readonly number[], responses: Float32Array): Promise<void> {
    const size = this.shape.reduce((a, b) => a * b);
    for (const [row, c] of classes.entries()) {
      const bytes = npyValues(responses.subarray(row * size, (row + 1) * size));
      await writeAt(this.file, bytes, this.header.length + this.classes.indexOf(c) * bytes.length);
    }
  }
}

/** One write(2) may take less than all of it: on a disk that fills up, say. */
async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
