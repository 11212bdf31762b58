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

/** Each pixel is the mean of the area that it covers in the original: first along the rows, then down the columns. */
function shrink({ data, width: stride }: Ink, box: Box, width: number, height: number): Float64Array {
  const columns = overlaps(box.width, width);
  const narrow = new Float64Array(box.height * width);
  for (let y = 0; y < box.height; y++) {
    const row = (box.top + y) * stride + box.left;
    for (let x = 0; x < width; x++) {
      const { first, shares } = columns[x]!;
      let sum = 0;
      for (let i = 0; i < shares.length; i++) sum += data[row + first + i]! * shares[i]!;
      narrow[y * width + x] = sum;
    }
  }
  const small = new Float64Array(width * height);
  overlaps(box.height, height).forEach(({ first, shares }, y) => {
    for (let i = 0; i < shares.length; i++) {
      for (let x = 0; x < width; x++) small[y * width + x]! += narrow[(first + i) * width + x]! * shares[i]!;
    }
  });
  return small;
}

/** The cells that lie under another one, one after the other, with their shares of it. */
interface Overlap {
  readonly first: number;
  readonly shares: Float64Array;
}

/** For each of `to` cells, the cells of `from` under it. */
function overlaps(from: number, to: number): Overlap[] {
  const step = from / to;
  return Array.from({ length: to }, (_, cell) => {
    const begin = cell * step;
    const end = begin + step;
    const first = Math.floor(begin);
    const shares = new Float64Array(Math.min(from, Math.ceil(end)) - first);
    for (let i = 0; i < shares.length; i++) {
      shares[i] = (Math.min(first + i + 1, end) - Math.max(first + i, begin)) / step;
    }
    return { first, shares };
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
