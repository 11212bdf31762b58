import { responseMap } from '@clearmaps/colormap';
import type { WindowGeometry } from '@clearmaps/deconvnet/graph';

/** The switches of one channel of a max pool, and the responses that come back to them. */
export interface ChannelSwitches {
  readonly geometry: WindowGeometry;
  /** Of each window its pixel, y * W + x: [oh*ow]. */
  readonly places: Int32Array;
  /** What arrives at each window: [oh*ow]. */
  readonly responses: Float32Array;
}

/** Windows from row and column on. */
export interface WindowRegion {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

const PAPER = '#f7f7f7';
const GRID = '#d6d6d6';
const WINDOW = '#8a8a8a';
const IDLE_RGBA = [179, 179, 179, 255];
const IDLE = `rgb(${IDLE_RGBA.slice(0, 3).join(' ')})`;
const INK = '#2b2b2b';
/** Of the longer side of a drawing, in canvas pixels: sharp on dense screens. */
const SIDE = 960;

/** The windows round the strongest response, at most `size` either way. */
export function strongestRegion(
  { geometry: { y, x }, responses }: ChannelSwitches,
  size: number,
): WindowRegion {
  let best = 0;
  for (const [i, value] of responses.entries()) if (Math.abs(value) > Math.abs(responses[best]!)) best = i;
  const along = (at: number, output: number) => {
    const count = Math.min(size, output);
    return { first: Math.max(0, Math.min(at - Math.floor(count / 2), output - count)), count };
  };
  const [rows, columns] = [along(Math.floor(best / x.output), y.output), along(best % x.output, x.output)];
  return { row: rows.first, column: columns.first, rows: rows.count, columns: columns.count };
}

export function allWindows({ geometry: { y, x } }: ChannelSwitches): WindowRegion {
  return { row: 0, column: 0, rows: y.output, columns: x.output };
}

/**
 * Every place of the map that the pool had received: the switches in the colour of the response that comes back through
 * them, as in the maps, grey where none does.
 */
export function drawSwitchPlane(canvas: HTMLCanvasElement, switches: ChannelSwitches): void {
  const height = switches.geometry.y.input;
  const width = switches.geometry.x.input;
  const plane = unpooled(switches);
  const { data } = responseMap({ response: plane, width, height });
  for (const place of switches.places) if (plane[place] === 0) data.set(IDLE_RGBA, place * 4);
  Object.assign(canvas, { width, height });
  canvas.getContext('2d')!.putImageData(new ImageData(data, width), 0, 0);
}

/** The windows of a region, with an arrow from each response in the middle of its window to its switch. */
export function drawSwitchArrows(
  canvas: HTMLCanvasElement,
  switches: ChannelSwitches,
  { row, column, rows, columns }: WindowRegion,
): void {
  const { places, responses } = switches;
  const { y, x } = switches.geometry;
  const top = Math.max(0, row * y.stride - y.padBefore);
  const left = Math.max(0, column * x.stride - x.padBefore);
  const bottom = Math.min(y.input, (row + rows - 1) * y.stride - y.padBefore + y.kernel);
  const right = Math.min(x.input, (column + columns - 1) * x.stride - x.padBefore + x.kernel);
  const cell = Math.max(8, Math.floor(SIDE / Math.max(bottom - top, right - left)));
  Object.assign(canvas, { width: (right - left) * cell, height: (bottom - top) * cell });
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  drawGrid(pen, cell);
  const plane = unpooled(switches);
  const full = strongest(plane);
  const loudest = strongest(responses);
  const apart = y.kernel <= y.stride && x.kernel <= x.stride;
  const windows = Array.from({ length: rows * columns }, (_, k) => {
    const [i, j] = [row + Math.floor(k / columns), column + (k % columns)];
    const window = i * x.output + j;
    const place = places[window]!;
    const corner = {
      x: (j * x.stride - x.padBefore - left) * cell,
      y: (i * y.stride - y.padBefore - top) * cell,
    };
    return {
      corner,
      place,
      from: { x: corner.x + (x.kernel / 2) * cell, y: corner.y + (y.kernel / 2) * cell },
      to: {
        x: ((place % x.input) - left + 0.5) * cell,
        y: (Math.floor(place / x.input) - top + 0.5) * cell,
      },
      weight: Math.abs(responses[window]!) / loudest,
    };
  });
  for (const { corner, place, to } of windows) {
    if (apart) {
      pen.strokeStyle = WINDOW;
      pen.lineWidth = Math.max(1.5, cell / 20);
      pen.strokeRect(corner.x, corner.y, x.kernel * cell, y.kernel * cell);
    }
    const response = plane[place]!;
    const side = cell * (response === 0 ? 0.2 : 0.88);
    pen.fillStyle = response === 0 ? IDLE : colorOf(response / full);
    pen.fillRect(to.x - side / 2, to.y - side / 2, side, side);
  }
  for (const { from, to, weight } of windows) {
    if (weight === 0) continue;
    // What is weak stays in the background.
    pen.globalAlpha = 0.3 + 0.7 * Math.sqrt(weight);
    pen.strokeStyle = INK;
    pen.lineWidth = Math.max(1, cell / 28);
    pen.lineCap = 'butt';
    pen.strokeRect(to.x - cell * 0.44, to.y - cell * 0.44, cell * 0.88, cell * 0.88);
    drawArrow(pen, from, to, cell);
  }
}

/** The places of the map. */
function drawGrid(pen: CanvasRenderingContext2D, cell: number): void {
  const { width, height } = pen.canvas;
  pen.strokeStyle = GRID;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let at = cell; at < width; at += cell) {
    pen.moveTo(at + 0.5, 0);
    pen.lineTo(at + 0.5, height);
  }
  for (let at = cell; at < height; at += cell) {
    pen.moveTo(0, at + 0.5);
    pen.lineTo(width, at + 0.5);
  }
  pen.stroke();
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Dark on light and light on dark; a dot where the window's middle is the place itself. */
function drawArrow(pen: CanvasRenderingContext2D, from: Point, to: Point, cell: number): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  for (const [color, width] of [
    [PAPER, cell / 5],
    [INK, cell / 12],
  ] as const) {
    pen.lineWidth = width;
    pen.lineCap = 'round';
    pen.strokeStyle = color;
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    if (length > 0) {
      const back = { x: (from.x - to.x) / length, y: (from.y - to.y) / length };
      for (const side of [1, -1]) {
        pen.moveTo(to.x, to.y);
        pen.lineTo(
          to.x + (back.x - side * back.y) * cell * 0.2,
          to.y + (back.y + side * back.x) * cell * 0.2,
        );
      }
    }
    pen.stroke();
  }
}

/** As response maps colour it. */
function colorOf(value: number): string {
  const { data } = responseMap({
    response: Float32Array.of(value),
    width: 1,
    height: 1,
    scale: { fixed: 1 },
  });
  return `rgb(${data[0]} ${data[1]} ${data[2]})`;
}

/** What arrives at each place of the map that the pool had received: [H*W]. */
function unpooled({ geometry: { y, x }, places, responses }: ChannelSwitches): Float32Array {
  const plane = new Float32Array(y.input * x.input);
  for (const [window, place] of places.entries()) plane[place]! += responses[window]!;
  return plane;
}

/** Of the absolute values; 1 where all are 0. */
function strongest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}
