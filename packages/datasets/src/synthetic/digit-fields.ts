import { type DigitBox, type DigitOutline, digitsOfFace } from './digit-faces.ts';
import { type StrokeDigit, strokeDigits } from './stroke-digits.ts';

/** Signed distances to the edge of a digit on a grid: one picture from which strokes, outlines and shadows come. */
export interface DigitField {
  readonly box: DigitBox;
  /**
   * [rows, columns], in units of the face's tallest digit, positive inside, clamped to +-REACH. The node of row r,
   * column c stands at x = c / FIELD_CELLS - REACH, y = r / FIELD_CELLS - REACH from the left bottom corner of the
   * digit's box, y upwards.
   */
  readonly distances: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Grid cells to the height of a face's tallest digit: finer than any crop shows. */
export const FIELD_CELLS = 36;
/** How far from the edge distances are known. */
export const REACH = 8 / FIELD_CELLS;
const PAD = REACH * FIELD_CELLS;

const fields = new Map<string, readonly DigitField[]>();

/** The ten fields of a face, computed at first use (about 2 ms) and kept. */
export function digitFields(face: string): readonly DigitField[] {
  let found = fields.get(face);
  if (!found) {
    found = strokeDigits(face)?.map(fieldOfRods) ?? digitsOfFace(face).map(fieldOfOutline);
    fields.set(face, found);
  }
  return found;
}

/** The distance at (x, y) from the left bottom corner of the digit's box, bilinear between the nodes. */
export function distanceAt({ distances, rows, columns }: DigitField, x: number, y: number): number {
  const column = (x + REACH) * FIELD_CELLS;
  const row = (y + REACH) * FIELD_CELLS;
  if (!(column >= 0 && row >= 0 && column < columns - 1 && row < rows - 1)) return -REACH;
  const c = column | 0;
  const r = row | 0;
  const fx = column - c;
  const at = r * columns + c;
  const low = distances[at]! + (distances[at + 1]! - distances[at]!) * fx;
  const high = distances[at + columns]! + (distances[at + columns + 1]! - distances[at + columns]!) * fx;
  return low + (high - low) * (row - r);
}

function fieldOfOutline(box: DigitOutline): DigitField {
  const grid = gridFor(box);
  const { squares, rows, columns } = grid;
  for (const contour of box.contours) {
    const nodes = contour.map((value) => value * FIELD_CELLS + PAD);
    for (let i = 0; i < nodes.length; i += 2) {
      const next = (i + 2) % nodes.length;
      addEdge(grid, nodes[i]!, nodes[i + 1]!, nodes[next]!, nodes[next + 1]!);
      addWinding(grid, nodes[i]!, nodes[i + 1]!, nodes[next]!, nodes[next + 1]!);
    }
  }
  const distances = squares.map(
    (square, i) => ((grid.winding[i] ? 1 : -1) * Math.sqrt(square)) / FIELD_CELLS,
  );
  return { box, distances, rows, columns };
}

function fieldOfRods({ rods, thickness, width }: StrokeDigit): DigitField {
  const bearing = 0.08;
  const box = { width, height: 1, leftBearing: bearing, rightBearing: bearing, bottom: 0 };
  const grid = gridFor(box);
  for (const rod of rods) {
    const nodes = rod.map((value) => value * FIELD_CELLS + PAD);
    for (let i = 0; i + 2 < nodes.length; i += 2) {
      addEdge(grid, nodes[i]!, nodes[i + 1]!, nodes[i + 2]!, nodes[i + 3]!);
    }
  }
  const distances = grid.squares.map((square) => thickness / 2 - Math.sqrt(square) / FIELD_CELLS);
  return { box, distances, rows: grid.rows, columns: grid.columns };
}

function gridFor({ width, height }: DigitBox): Grid {
  const columns = Math.ceil(width * FIELD_CELLS + 2 * PAD) + 1;
  const rows = Math.ceil(height * FIELD_CELLS + 2 * PAD) + 1;
  const squares = new Float32Array(rows * columns).fill(PAD * PAD);
  return { squares, winding: new Int8Array(rows * columns), rows, columns };
}

interface Grid {
  readonly squares: Float32Array;
  readonly winding: Int8Array;
  readonly rows: number;
  readonly columns: number;
}

function addEdge(grid: Grid, x0: number, y0: number, x1: number, y1: number): void {
  const { squares, rows, columns } = grid;
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = dx * dx + dy * dy;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - PAD));
  const right = Math.min(columns - 1, Math.ceil(Math.max(x0, x1) + PAD));
  const top = Math.min(rows - 1, Math.ceil(Math.max(y0, y1) + PAD));
  for (let r = Math.max(0, Math.floor(Math.min(y0, y1) - PAD)); r <= top; r++) {
    for (let c = left; c <= right; c++) {
      const t = Math.min(1, Math.max(0, ((c - x0) * dx + (r - y0) * dy) / length));
      const ex = c - x0 - t * dx;
      const ey = r - y0 - t * dy;
      const square = ex * ex + ey * ey;
      if (square < squares[r * columns + c]!) squares[r * columns + c] = square;
    }
  }
}

/** Nonzero winding: an edge counts for every node to the right of where it crosses the node's row. */
function addWinding({ winding, columns }: Grid, x0: number, y0: number, x1: number, y1: number): void {
  const turn = y1 > y0 ? 1 : -1;
  for (let r = Math.ceil(Math.min(y0, y1)); r < Math.max(y0, y1); r++) {
    const crossing = x0 + ((r - y0) * (x1 - x0)) / (y1 - y0);
    for (let c = Math.max(0, Math.ceil(crossing)); c < columns; c++) winding[r * columns + c]! += turn;
  }
}
