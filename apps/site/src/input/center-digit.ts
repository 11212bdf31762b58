import type { Picture } from '@clearmaps/models';

const SIDE = 28;
const BOX = 20;
/** Fainter ink is the blur of an edge. */
const FAINTEST = 24;

/** Ink on blank ground, [height, width], 0 (blank) .. 255 (ink). */
export interface Ink {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * A drawing as MNIST has them: its ink scaled to fit 20x20 pixels with its proportions kept and grey levels, then
 * moved in a field of 28x28 until the centre of mass of the ink is in the middle (LeCun, Cortes & Burges, "The MNIST
 * database of handwritten digits").
 *
 * @returns [28, 28, 1] bytes; undefined for a blank sheet
 */
export function centerDigit(ink: Ink): Picture | undefined {
  const box = boundsOf(ink);
  if (!box) return undefined;
  const scale = BOX / Math.max(box.width, box.height);
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  const small = shrink(ink, box, width, height);
  const [x, y] = centreOfMass(small, width);
  const left = Math.round(SIDE / 2 - x);
  const top = Math.round(SIDE / 2 - y);
  const data = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const toX = left + column;
      const toY = top + row;
      if (toX < 0 || toY < 0 || toX >= SIDE || toY >= SIDE) continue;
      data[toY * SIDE + toX] = Math.round(small[row * width + column]!);
    }
  }
  return { data, width: SIDE, height: SIDE, channels: 1 };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function boundsOf({ data, width, height }: Ink): Box | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x]! < FAINTEST) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Each pixel is the mean of the area that it covers in the original. */
function shrink({ data, width: stride }: Ink, box: Box, width: number, height: number): Float64Array {
  const small = new Float64Array(width * height);
  const columns = overlaps(box.width, width);
  overlaps(box.height, height).forEach((rows, y) => {
    columns.forEach((across, x) => {
      let sum = 0;
      for (const [row, share] of rows) {
        for (const [column, part] of across) {
          sum += data[(box.top + row) * stride + box.left + column]! * share * part;
        }
      }
      small[y * width + x] = sum;
    });
  });
  return small;
}

/** For each of `to` cells, the cells of `from` that lie under it, with their shares of it. */
function overlaps(from: number, to: number): [cell: number, share: number][][] {
  const step = from / to;
  return Array.from({ length: to }, (_, cell) => {
    const begin = cell * step;
    const end = begin + step;
    const under: [number, number][] = [];
    for (let i = Math.floor(begin); i < Math.min(from, Math.ceil(end)); i++) {
      under.push([i, (Math.min(i + 1, end) - Math.max(i, begin)) / step]);
    }
    return under;
  });
}

function centreOfMass(values: Float64Array, width: number): [x: number, y: number] {
  let [sum, x, y] = [0, 0, 0];
  values.forEach((value, i) => {
    sum += value;
    x += value * ((i % width) + 0.5);
    y += value * (Math.floor(i / width) + 0.5);
  });
  return [x / sum, y / sum];
}
