import { ClearmapsError } from '@clearmaps/errors';
import type { Attribute, Dataset, Group, File as HdfFile } from 'h5wasm';
import { ModelFileError } from '../errors.ts';
import { describe } from '../json-checks.ts';
import type { StoredWeight } from '../keras/keras-weights.ts';
import { refuseEndlessHeaps } from './global-heaps.ts';
import { Hdf5Library } from './hdf5-library.ts';

/** H5T_FLOAT. */
const FLOAT = 1;
const VALUES_AT_ONCE = 2 ** 20;

/** An HDF5 file in memory, read by the HDF Group's own library in WebAssembly. */
export class Hdf5File {
  private constructor(
    private readonly file: HdfFile,
    private readonly size: number,
  ) {}

  /**
   * Opens a file for as long as `use` runs. The library (4 MB) is loaded when the first file is.
   *
   * @throws ModelFileError when the bytes are cut short or no HDF5, and what `use` throws.
   */
  static async use<T>(bytes: Uint8Array, use: (file: Hdf5File) => T): Promise<T> {
    refuseEndlessHeaps(bytes);
    const library = await Hdf5Library.load();
    try {
      return library.withFile(bytes, (file) => use(new Hdf5File(file, bytes.length)));
    } catch (cause) {
      if (cause instanceof ClearmapsError) throw cause;
      throw new ModelFileError({
        asked: 'HDF5 file',
        got: `${bytes.length} bytes that are cut short, broken, or no HDF5`,
        remedy: 'Download or save the file again.',
        cause,
      });
    }
  }

  has(group: string): boolean {
    return this.find(group)?.type === 'Group';
  }

  /** @throws ModelFileError where the attribute is no text. */
  text(group: string, attribute: string): string | undefined {
    const value = this.attribute(group, attribute);
    if (value === undefined || typeof value === 'string') return value;
    throw new ModelFileError({ asked: this.at(group, attribute), got: describe(value), allowed: 'a text' });
  }

  /** A list of texts, which Keras cuts into `<name>0`, `<name>1` and so on where it is long. */
  texts(group: string, attribute: string): readonly string[] | undefined {
    const whole = this.attribute(group, attribute);
    if (whole !== undefined) return this.list(whole, group, attribute);
    const parts: string[] = [];
    for (let n = 0; ; n++) {
      const part = this.attribute(group, `${attribute}${n}`);
      if (part === undefined) return n === 0 ? undefined : parts;
      parts.push(...this.list(part, group, attribute));
    }
  }

  /** @throws ModelFileError where there is no such array, or one of more values than the file has bytes. */
  weight(path: string): StoredWeight {
    const dataset = this.find(path);
    if (dataset?.type !== 'Dataset') {
      throw new ModelFileError({ asked: `HDF5 file: weight "${path}"`, got: 'no such array' });
    }
    const { shape, dtype, metadata } = dataset as Dataset;
    const sizes = shape ?? [];
    if (metadata.type !== FLOAT || ![4, 8].includes(metadata.size))
      return { shape: sizes, dtype: String(dtype) };
    const bytes = sizes.reduce((a, b) => a * b, metadata.size);
    if (!(bytes <= this.size)) {
      throw new ModelFileError({
        asked: `HDF5 file: weight "${path}"`,
        got: `shape [${sizes.join(', ')}], ${bytes} bytes, in a file of ${this.size}`,
        allowed: 'arrays that are whole and not compressed',
      });
    }
    return { shape: sizes, dtype: 'float32', values: floatsOf(dataset as Dataset, sizes) };
  }

  private list(value: unknown, group: string, attribute: string): readonly string[] {
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    throw new ModelFileError({
      asked: this.at(group, attribute),
      got: describe(value),
      allowed: 'a list of texts',
    });
  }

  private attribute(group: string, name: string): unknown {
    const found = this.find(group);
    if (found?.type !== 'Group') return undefined;
    const { attrs } = found as Group;
    if (!Object.hasOwn(attrs, name)) return undefined;
    const attribute = attrs[name] as Attribute;
    const { size, total_size } = attribute.metadata;
    if (size * total_size > this.size) {
      throw new ModelFileError({
        asked: this.at(group, name),
        got: `${size * total_size} bytes in a file of ${this.size}`,
      });
    }
    const { value } = attribute;
    // An empty list comes as an array of numbers.
    return ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value;
  }

  private find(path: string): { readonly type: string } | null {
    return (path === '' ? this.file : this.file.get(path)) as { readonly type: string } | null;
  }

  private at(group: string, attribute: string): string {
    return `HDF5 file: attribute "${attribute}" of "/${group}"`;
  }
}

/** Some rows at a time: all that the library holds at once is memory that WebAssembly never gives back. */
function floatsOf(dataset: Dataset, [rows = 1, ...others]: readonly number[]): Float32Array {
  const length = others.reduce((a, b) => a * b, 1);
  const values = new Float32Array(rows * length);
  const step = Math.max(1, Math.floor(VALUES_AT_ONCE / length));
  for (let row = 0; row < rows; row += step) {
    const part = dataset.slice([[row, Math.min(row + step, rows)]]);
    values.set(part as Float32Array | Float64Array, row * length);
  }
  return values;
}
