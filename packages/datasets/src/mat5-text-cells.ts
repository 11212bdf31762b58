import type { ByteCursor } from './byte-source.ts';
import { DatasetError } from './errors.ts';
import { type ByteOrder, MI, readPiece, readTag } from './mat5-elements.ts';
import { type MatVariable, MX, readMatrixHeader } from './mat5-variables.ts';

// Stanford Dogs lists 20,580 pictures.
const MOST_CELLS = 100_000;
const MOST_TEXT_BYTES = 256;

/**
 * Reads a MATLAB cell array [n, 1] or [1, n] of texts, each a char array of one row (MathWorks' "MAT-File Format":
 * a cell array holds a matrix element a cell, a char array UTF-8, UTF-16 or single bytes).
 *
 * @param asked names the variable in messages
 * @throws DatasetError for another class or shape, more than 100,000 cells, a cell that is no text or a text of more
 * than 256 bytes, and truncated or corrupt data.
 */
export async function readTextCells(variable: MatVariable, asked: string): Promise<readonly string[]> {
  const { mxClass, shape, order } = variable;
  const count = shape.reduce((product, side) => product * side, 1);
  if (
    mxClass !== MX.CELL ||
    shape.length !== 2 ||
    !shape.includes(1) ||
    !(count >= 1 && count <= MOST_CELLS)
  ) {
    throw new DatasetError({
      asked: `${asked}: a list of texts`,
      got: `an array [${shape.join(', ')}] of class ${mxClass}`,
      allowed: `a cell array (class ${MX.CELL}) [n, 1], n 1..${MOST_CELLS}`,
    });
  }
  const cursor = await variable.open();
  try {
    const texts: string[] = [];
    while (texts.length < count) texts.push(await readText(cursor, order, `${asked}: cell ${texts.length}`));
    return texts;
  } finally {
    await cursor.close();
  }
}

async function readText(cursor: ByteCursor, order: ByteOrder, asked: string): Promise<string> {
  const tag = await readTag(cursor, order);
  const { mxClass, shape } =
    tag.type === MI.MATRIX && tag.bytes > 0
      ? await readMatrixHeader(cursor, order, asked)
      : { mxClass: 0, shape: [] };
  if (mxClass !== MX.CHAR || shape.length !== 2 || shape[0] !== 1) {
    throw new DatasetError({
      asked,
      got: `an array [${shape.join(', ')}] of class ${mxClass}`,
      allowed: `a text: one row of class ${MX.CHAR} (char)`,
    });
  }
  const types = [MI.INT8, MI.UINT8, MI.UINT16, MI.UTF8];
  const { type, view } = await readPiece(cursor, order, { what: asked, types, most: MOST_TEXT_BYTES });
  const encoding = type === MI.UINT16 ? (order.littleEndian ? 'utf-16le' : 'utf-16be') : 'utf-8';
  return new TextDecoder(encoding).decode(view);
}
