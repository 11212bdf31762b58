import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodePicture } from '../src/decode-picture.ts';

/** 40x20 pixels; red counts the columns, green the rows. */
const GRID = await sharp(
  Uint8Array.from({ length: 40 * 20 * 3 }, (_, i) => {
    const [column, row] = [Math.floor(i / 3) % 40, Math.floor(i / 120)];
    return [column, row, 0][i % 3]!;
  }),
  { raw: { width: 40, height: 20, channels: 3 } },
)
  .png()
  .toBuffer();

/** First and last column and row that a result shows. */
async function shown(
  part: { left: number; top: number; right: number; bottom: number },
  resize: 'stretch' | 'centerCrop',
): Promise<number[]> {
  const bytes = await decodePicture(GRID, { width: 60, height: 60, channels: 3, resize, part });
  return [bytes[0]!, bytes.at(-3)!, bytes[1]!, bytes.at(-2)!];
}

test.each([
  ['high', { left: 10, top: 4, right: 14, bottom: 16 }, [6, 17, 4, 15]],
  ['wide', { left: 10, top: 8, right: 22, bottom: 12 }, [10, 21, 4, 15]],
  ['high, at the edge', { left: 0, top: 4, right: 4, bottom: 16 }, [0, 11, 4, 15]],
  ['wide, at the other edge', { left: 28, top: 18, right: 40, bottom: 20 }, [28, 39, 8, 19]],
])('a part that is %s is shown whole in the square that is cut out', async (_what, part, whole) => {
  const seen = await shown(part, 'centerCrop');
  for (const [i, value] of seen.entries()) expect(Math.abs(value - whole[i]!)).toBeLessThanOrEqual(1);
});

test('a part wider than the picture is high loses its ends', async () => {
  const seen = await shown({ left: 4, top: 5, right: 36, bottom: 15 }, 'centerCrop');
  for (const [i, value] of seen.entries()) {
    expect(Math.abs(value - [10, 29, 0, 19][i]!)).toBeLessThanOrEqual(1);
  }
});

test.each([
  ['twice as wide as high, as the picture', { width: 60, height: 30 }, [0, 39, 0, 19]],
  ['four times as wide', { width: 80, height: 20 }, [0, 39, 5, 14]],
  ['higher than wide', { width: 20, height: 40 }, [15, 24, 0, 19]],
  ['of a larger short side', { width: 60, height: 30, shortSide: 40 }, [5, 34, 2, 17]],
  ['a square', { width: 30, height: 30 }, [10, 29, 0, 19]],
])('a centre that is %s is as large as the picture holds', async (_what, size, whole) => {
  const bytes = await decodePicture(GRID, { ...size, channels: 3, resize: 'centerCrop' });
  const seen = [bytes[0]!, bytes.at(-3)!, bytes[1]!, bytes.at(-2)!];
  for (const [i, value] of seen.entries()) expect(Math.abs(value - whole[i]!)).toBeLessThanOrEqual(1);
});

test('a part that is stretched stays what it is', async () => {
  const seen = await shown({ left: 10, top: 4, right: 14, bottom: 16 }, 'stretch');
  for (const [i, value] of seen.entries()) {
    expect(Math.abs(value - [10, 13, 4, 15][i]!)).toBeLessThanOrEqual(1);
  }
});

/** Left half a hidden red, right half an opaque green. */
async function halfTransparent(): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: 8 * 8 }, (_, pixel) => pixel % 8).reduce<number[]>(
    (bytes, column) => bytes.concat(column < 4 ? [255, 0, 0, 0] : [0, 200, 0, 255]),
    [],
  );
  return sharp(Uint8Array.from(data), { raw: { width: 8, height: 8, channels: 4 } })
    .png()
    .toBuffer();
}

test.each([
  ['white for a net of colour', { channels: 3 }, [255, 255, 255], [0, 200, 0]],
  ['black for a net of gray', { channels: 1 }, [0, 0, 0], [0, 200, 0]],
  ['black once it is inverted', { channels: 3, invert: true }, [0, 0, 0], [255, 55, 255]],
  ['black once it is inverted for a net of gray', { channels: 1, invert: true }, [0, 0, 0], [255, 55, 255]],
])('what is transparent is %s', async (_what, options, ground, opaque) => {
  const size = { width: 8, height: 8, resize: 'stretch' } as const;
  const bytes = await decodePicture(await halfTransparent(), { ...size, ...options });
  expect(bytes).toHaveLength(8 * 8 * 3);
  expect([...bytes.subarray(0, 3)]).toEqual(ground);
  expect([...bytes.subarray(7 * 3, 8 * 3)]).toEqual(opaque);
});
