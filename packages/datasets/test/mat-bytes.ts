import { deflateSync } from 'node:zlib';

/** One variable to write: the fields of a matrix element, each free to be wrong. */
export interface MatPart {
  readonly name: string;
  /** Array class: 9 = uint8, 6 = double, 2 = struct. */
  readonly mxClass: number;
  readonly shape: readonly number[];
  /** Type of the stored values: 2 = uint8, 9 = double. */
  readonly type: number;
  readonly values: ArrayLike<number>;
  readonly complex?: boolean;
}

/** A cell array of texts to write, each a char array of one row in UTF-16 or, as scipy does, in UTF-8. */
export interface CellPart {
  readonly name: string;
  readonly shape: readonly number[];
  readonly texts: readonly string[];
}

export interface MatOptions {
  readonly bigEndian?: boolean;
  readonly compress?: boolean;
  readonly text?: string;
}

/** Writes a MAT-file of level 5, from the format's own description; knows nothing of the reader. */
export function matBytes(parts: readonly (MatPart | CellPart)[], options: MatOptions = {}): Uint8Array {
  const header = Buffer.alloc(128, ' ');
  header.write(options.text ?? 'MATLAB 5.0 MAT-file, written by a test', 'latin1');
  header.fill(0, 116, 124);
  header.set(options.bigEndian ? [1, 0, 0x4d, 0x49] : [0, 1, 0x49, 0x4d], 124);
  const elements = parts.map((part) =>
    // Numbers take precedence, so that a test can turn a list of texts into one of numbers.
    'values' in part ? matrixElement(part, options) : cellElement(part, options),
  );
  return concat([header, ...elements.map((bytes) => packed(bytes, options))]);
}

/** A cell array: a nameless matrix element a cell. */
function cellElement({ name, shape, texts }: CellPart, { bigEndian = false }: MatOptions): Uint8Array {
  const head = (mxClass: number, sides: readonly number[], title: string) => [
    element(6, numbers(6, [mxClass, 0], bigEndian), bigEndian),
    element(5, numbers(5, sides, bigEndian), bigEndian),
    element(1, Buffer.from(title, 'latin1'), bigEndian),
  ];
  const cells = texts.map((text, i) => {
    const wide = i % 2 === 0;
    const units = [...text].map((character) => character.charCodeAt(0));
    const chars = wide
      ? element(4, numbers(4, units, bigEndian), bigEndian)
      : element(16, Buffer.from(text), bigEndian);
    return element(14, concat([...head(4, [1, text.length], ''), chars]), bigEndian);
  });
  return element(14, concat([...head(1, shape, name), ...cells]), bigEndian);
}

/** A matrix element as it stands in a file without compression. */
export function matrixElement(part: MatPart, { bigEndian = false }: MatOptions = {}): Uint8Array {
  const { name, mxClass, shape, type, values, complex } = part;
  const flags = numbers(6, [mxClass + (complex ? 0x0800 : 0), 0], bigEndian);
  const title = [...name].map((character) => character.charCodeAt(0));
  return element(
    14,
    concat([
      element(6, flags, bigEndian),
      element(5, numbers(5, shape, bigEndian), bigEndian),
      element(1, numbers(1, title, bigEndian), bigEndian),
      element(type, numbers(type, values, bigEndian), bigEndian),
    ]),
    bigEndian,
  );
}

/** The element inside a compressed one (type 15), which is not padded. */
export function packed(bytes: Uint8Array, { bigEndian = false, compress = false }: MatOptions): Uint8Array {
  if (!compress) return bytes;
  const body = deflateSync(bytes);
  return concat([numbers(6, [15, body.length], bigEndian), body]);
}

/** The variables of a cropped-digits file, image i being filled by `pixel(i, row, column, channel)`. */
export function svhnParts(
  labels: readonly number[],
  pixel = (image: number, row: number, column: number, channel: number) =>
    (image * 50 + row * 7 + column * 3 + channel * 31) & 255,
): { X: MatPart; y: MatPart } {
  const values = new Uint8Array(labels.length * 3072);
  let at = 0;
  for (let image = 0; image < labels.length; image++)
    for (let channel = 0; channel < 3; channel++)
      for (let column = 0; column < 32; column++)
        for (let row = 0; row < 32; row++) values[at++] = pixel(image, row, column, channel);
  return {
    X: { name: 'X', mxClass: 9, shape: [32, 32, 3, labels.length], type: 2, values },
    y: { name: 'y', mxClass: 9, shape: [labels.length, 1], type: 2, values: labels },
  };
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

function element(type: number, data: Uint8Array, bigEndian: boolean): Uint8Array {
  if (type !== 14 && data.length >= 1 && data.length <= 4) {
    const small = Buffer.alloc(8);
    small.set(numbers(6, [data.length * 0x10000 + type], bigEndian));
    small.set(data, 4);
    return small;
  }
  const padding = new Uint8Array((8 - (data.length % 8)) % 8);
  return concat([numbers(6, [type, data.length], bigEndian), data, padding]);
}

/** Values in one of the storage types. */
export function numbers(type: number, values: ArrayLike<number>, bigEndian = false): Uint8Array {
  if (type === 1 || type === 2) return Uint8Array.from(values);
  const size = { 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8 }[type];
  if (!size) throw new Error(`no storage type ${type}`);
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (let i = 0; i < values.length; i++) {
    if (type === 9) view.setFloat64(i * 8, values[i]!, !bigEndian);
    else if (type === 7) view.setFloat32(i * 4, values[i]!, !bigEndian);
    else if (size === 4) view.setUint32(i * 4, values[i]!, !bigEndian);
    else view.setUint16(i * 2, values[i]!, !bigEndian);
  }
  return new Uint8Array(view.buffer);
}
