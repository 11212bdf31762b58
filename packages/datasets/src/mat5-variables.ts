import { ByteCursor, type ByteSource } from './byte-source.ts';
import { DatasetError } from './errors.ts';
import { type ByteOrder, MI, readPiece, readTag } from './mat5-elements.ts';
import { MAT_HEADER_BYTES, readMatFileHeader } from './mat5-file-header.ts';

/** Array classes of MAT-file level 5 (MathWorks' "MAT-File Format", table 1-3). */
export const MX = { CELL: 1, STRUCT: 2, CHAR: 4, DOUBLE: 6, UINT8: 9, OPAQUE: 17 } as const;

/** What the header of a variable says; its data has not been read. */
export interface MatVariable {
  /** Empty for what MATLAB keeps for itself. */
  readonly name: string;
  readonly mxClass: number;
  readonly complex: boolean;
  /** Dimensions, first index fastest. */
  readonly shape: readonly number[];
  /** Type and bytes of the data as stored, which may be smaller than the class; absent unless numeric. */
  readonly data?: { readonly type: number; readonly bytes: number; readonly small: boolean };
  readonly order: ByteOrder;
  /** Bytes that the variable takes in the file, and whether they are zlib-packed. */
  readonly stored: { readonly bytes: number; readonly compressed: boolean };
  /** A cursor at the first byte of the data, behind the header: of a cell array, its first cell. Whoever takes it closes it. */
  open(): Promise<ByteCursor>;
}

// Real SVHN files hold two variables. Listing costs a started decompressor a variable, so hostile files stop here.
const MOST_VARIABLES = 256;
const MOST_DIMENSIONS = 32;
// MATLAB's own limit is 63 characters.
const MOST_NAME_BYTES = 1024;
const FIRST_NUMERIC_CLASS = 6;
const LAST_NUMERIC_CLASS = 15;

/**
 * Lists the variables of a level 5 MAT-file, little- or big-endian, zlib-packed or not. Of each only the header is
 * read and inflated, and the data is passed over, so the cost does not grow with the size of the arrays.
 *
 * @throws DatasetError for another kind of file, a truncated or corrupt one, and more than 256 variables.
 */
export async function listMatVariables(source: ByteSource): Promise<readonly MatVariable[]> {
  const head = new ByteCursor(source.chunks(0, Math.min(source.size, MAT_HEADER_BYTES)), source.name);
  const order = readMatFileHeader(await head.read(Math.min(source.size, MAT_HEADER_BYTES)), source.name);
  await head.close();
  const variables: MatVariable[] = [];
  for (let start = MAT_HEADER_BYTES; start < source.size; ) {
    if (variables.length === MOST_VARIABLES) {
      throw new DatasetError({
        asked: `${source.name}: variables of a MAT-file`,
        got: `more than ${MOST_VARIABLES}`,
        allowed: `at most ${MOST_VARIABLES}`,
      });
    }
    const { variable, end } = await readElement(source, start, order);
    variables.push(variable);
    start = end;
  }
  return variables;
}

/**
 * The one variable of that name.
 *
 * @param expected for the message: what the file should hold, and where to get such a file
 * @throws DatasetError unless there is exactly one.
 */
export function variableNamed(
  name: string,
  variables: readonly MatVariable[],
  source: string,
  expected: { readonly allowed: string; readonly remedy: string },
): MatVariable {
  const [first, ...others] = variables.filter((variable) => variable.name === name);
  if (first && others.length === 0) return first;
  const names = variables.slice(0, 8).map((variable) => JSON.stringify(variable.name.slice(0, 40)));
  throw new DatasetError({
    asked: `${source}: variable "${name}"`,
    got: first ? `${others.length + 1} of that name` : `variables ${names.join(', ') || '(none)'}`,
    ...expected,
  });
}

async function readElement(
  source: ByteSource,
  start: number,
  order: ByteOrder,
): Promise<{ variable: MatVariable; end: number }> {
  const where = `${source.name}: element at byte ${start}`;
  const tagCursor = new ByteCursor(source.chunks(start, Math.min(source.size, start + 8)), where);
  const tag = await readTag(tagCursor, order);
  await tagCursor.close();
  const bodyStart = start + 8;
  const end = bodyStart + tag.bytes;
  if (tag.small || (tag.type !== MI.MATRIX && tag.type !== MI.COMPRESSED)) {
    throw new DatasetError({
      asked: where,
      got: `type ${tag.type}`,
      allowed: `types ${MI.MATRIX} (matrix) and ${MI.COMPRESSED} (compressed matrix)`,
      remedy: 'The file is corrupt; download it again.',
    });
  }
  if (end > source.size) {
    throw new DatasetError({
      asked: `${where}: ${tag.bytes} bytes`,
      got: `a truncated file: ${source.size - bodyStart} bytes are left`,
      remedy: 'Download the file again.',
    });
  }
  const compressed = tag.type === MI.COMPRESSED;
  const openElement = async (): Promise<{ cursor: ByteCursor; bytes: number }> => {
    const stored = source.chunks(bodyStart, end);
    if (!compressed) return { cursor: new ByteCursor(stored, where), bytes: tag.bytes };
    const cursor = new ByteCursor(source.inflate(stored, where), `${where}, inflated`);
    const inner = await readTag(cursor, order);
    if (inner.type === MI.MATRIX && !inner.small) return { cursor, bytes: inner.bytes + 8 };
    await cursor.close();
    throw new DatasetError({
      asked: `${where}, inflated`,
      got: `type ${inner.type}`,
      allowed: `type ${MI.MATRIX} (matrix)`,
      remedy: 'The file is corrupt; download it again.',
    });
  };
  const { cursor, bytes } = await openElement();
  try {
    const header = await readMatrixHeader(cursor, order, where);
    const dataStart = cursor.position;
    if (header.data && dataStart + header.data.bytes > bytes) {
      throw new DatasetError({
        asked: `${where} ("${header.name}"): ${header.data.bytes} bytes of data`,
        got: `an element that ends after ${Math.max(0, bytes - dataStart)}`,
        remedy: 'The file is corrupt; download it again.',
      });
    }
    const open = async () => {
      const { cursor: fresh } = await openElement();
      await fresh.read(dataStart - fresh.position);
      return fresh;
    };
    return { variable: { ...header, order, stored: { bytes: tag.bytes, compressed }, open }, end };
  } finally {
    await cursor.close();
  }
}

/** Reads what comes before the data of a matrix: a variable, or one cell of a cell array. */
export async function readMatrixHeader(
  cursor: ByteCursor,
  order: ByteOrder,
  where: string,
): Promise<Omit<MatVariable, 'order' | 'stored' | 'open'>> {
  const piece = async (what: string, types: readonly number[], most: number) =>
    (await readPiece(cursor, order, { what: `${where}: ${what}`, types, most })).view;
  const flagBytes = await piece('array flags', [MI.UINT32], 8);
  const flags = flagBytes.byteLength >= 4 ? flagBytes.getUint32(0, order.littleEndian) : 0;
  const mxClass = flags & 0xff;
  const complex = (flags & 0x0800) !== 0;
  // An opaque object has no dimensions, and its name is not where other arrays have it.
  if (mxClass === MX.OPAQUE) return { name: '', mxClass, complex, shape: [] };
  const sides = await piece('dimensions', [MI.INT32], 4 * MOST_DIMENSIONS);
  const shape = Array.from({ length: sides.byteLength >> 2 }, (_, i) =>
    sides.getInt32(4 * i, order.littleEndian),
  );
  const name = new TextDecoder('latin1').decode(
    await piece('name', [MI.INT8, MI.UINT8, MI.UTF8], MOST_NAME_BYTES),
  );
  if (mxClass < FIRST_NUMERIC_CLASS || mxClass > LAST_NUMERIC_CLASS) return { name, mxClass, complex, shape };
  return { name, mxClass, complex, shape, data: await readTag(cursor, order) };
}
