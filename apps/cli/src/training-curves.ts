import type { Raster, Rgb } from '@clearmaps/colormap';
import { drawText, measureText } from '@clearmaps/colormap/sheet';
import type { EpochRecord } from '@clearmaps/training';
import sharp from 'sharp';

const WIDTH = 900;
const PANEL_HEIGHT = 260;
const MARGIN = { left: 72, right: 28, top: 54, bottom: 44 };
const INK: Rgb = [28, 28, 30];
const MUTED: Rgb = [105, 105, 110];
/** Okabe-Ito blue and vermilion: told apart by everyone, and in grey too. */
const TRAIN = '#0072b2';
const HELD_OUT = '#d55e00';

interface Panel {
  readonly title: string;
  readonly train: readonly number[];
  readonly heldOut: readonly number[];
  readonly label: (value: number) => string;
}

/**
 * Loss and accuracy by epoch, the training part dashed, the held-out part solid, the kept epoch marked.
 *
 * @param curve one record an epoch, at least one
 * @param best the epoch whose weights were kept, from 1
 * @returns a PNG file
 */
export async function drawTrainingCurves(curve: readonly EpochRecord[], best: number): Promise<Uint8Array> {
  const panels: Panel[] = [
    {
      title: 'Error (share of images decided wrong), log scale',
      train: curve.map(({ accuracy }) => 1 - accuracy),
      heldOut: curve.map(({ heldOutAccuracy }) => 1 - heldOutAccuracy),
      label: (value) => `${Number((100 * value).toPrecision(2))} %`,
    },
    {
      title: 'Loss (nats), log scale',
      train: curve.map(({ loss }) => loss),
      heldOut: curve.map(({ heldOutLoss }) => heldOutLoss),
      label: (value) => String(Number(value.toPrecision(2))),
    },
  ];
  const height = panels.length * (PANEL_HEIGHT + MARGIN.top + MARGIN.bottom);
  const placed = panels.map((panel, i) =>
    place(panel, i * (PANEL_HEIGHT + MARGIN.top + MARGIN.bottom), best),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}"><rect width="100%" height="100%" fill="#fafafa"/>${placed.map(({ shapes }) => shapes).join('')}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // Text is drawn here and not in the SVG: a fresh machine may have no font at all.
  const raster: Raster = { width: info.width, height: info.height, data: new Uint8ClampedArray(data) };
  for (const { texts } of placed) for (const write of texts) write(raster);
  return sharp(raster.data, { raw: { width: info.width, height: info.height, channels: 4 } })
    .png()
    .toBuffer();
}

function place({ title, train, heldOut, label }: Panel, offset: number, best: number) {
  const top = offset + MARGIN.top;
  const bottom = top + PANEL_HEIGHT;
  const values = [...train, ...heldOut].filter((value) => value > 0);
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0.1, 1];
  const ticks = logTicks(low, high);
  const [floor, ceiling] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)];
  const x = (epoch: number): number =>
    MARGIN.left + ((epoch - 1) / Math.max(1, train.length - 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  // An epoch without a single error has no logarithm; it stands on the floor.
  const y = (value: number): number =>
    bottom - ((value > 0 ? Math.log10(value) - floor : 0) / (ceiling - floor)) * PANEL_HEIGHT;
  const line = (series: readonly number[], color: string, dash: string): string =>
    `<polyline fill="none" stroke="${color}" stroke-width="2.5" stroke-linejoin="round" stroke-dasharray="${dash}" points="${series.map((value, i) => `${x(i + 1).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/>`;
  const shapes = [
    ...ticks.map((tick) => `<path stroke="#e0e0e3" d="M${MARGIN.left} ${y(tick)}H${WIDTH - MARGIN.right}"/>`),
    `<path stroke="#aaaaae" fill="none" d="M${MARGIN.left} ${top}V${bottom}H${WIDTH - MARGIN.right}"/>`,
    `<path stroke="#aaaaae" stroke-dasharray="2 4" d="M${x(best)} ${top}V${bottom}"/>`,
    line(train, TRAIN, '7 5'),
    line(heldOut, HELD_OUT, ''),
    `<circle r="4" fill="${TRAIN}" cx="${x(best)}" cy="${y(train[best - 1]!)}"/>`,
    `<circle r="5" fill="${HELD_OUT}" cx="${x(best)}" cy="${y(heldOut[best - 1]!)}"/>`,
    `<path stroke="${TRAIN}" stroke-width="2.5" stroke-dasharray="7 5" d="M${WIDTH - 268} ${top - 20}h30"/>`,
    `<path stroke="${HELD_OUT}" stroke-width="2.5" d="M${WIDTH - 140} ${top - 20}h30"/>`,
  ].join('');
  const text =
    (content: string, at: number, baseline: number, color: Rgb, face: 'body' | 'strong' = 'body') =>
    (raster: Raster): void =>
      drawText(raster, content, { x: at, baseline: Math.round(baseline), face, color });
  const right = (content: string, edge: number, baseline: number) =>
    text(content, edge - measureText(content, 'body'), baseline, MUTED);
  const every = Math.ceil(train.length / 15);
  const texts = [
    text(title, MARGIN.left, top - 16, INK, 'strong'),
    text('training', WIDTH - 232, top - 16, MUTED),
    text('held out', WIDTH - 104, top - 16, MUTED),
    ...ticks.map((tick) => right(label(tick), MARGIN.left - 8, y(tick) + 4)),
    ...train.flatMap((_, i) =>
      i % every === 0
        ? [text(String(i + 1), x(i + 1) - measureText(String(i + 1), 'body') / 2, bottom + 18, MUTED)]
        : [],
    ),
    text('epoch', MARGIN.left, bottom + 36, MUTED),
    text(`kept: epoch ${best}, ${label(heldOut[best - 1]!)}`, MARGIN.left + 60, bottom + 36, INK),
  ];
  return { shapes, texts };
}

/** 1, 2 and 5 times powers of ten, from the last one not above `low` to the first above it that reaches `high`. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); ; power++) {
    for (const digit of [1, 2, 5]) {
      // As decimals are read, so that 5 hundredths are 0.05 to the bit.
      const tick = Number(`${digit}e${power}`);
      if (tick <= low) ticks.length = 0;
      ticks.push(tick);
      if (ticks.length > 1 && tick >= high) return ticks;
    }
  }
}
