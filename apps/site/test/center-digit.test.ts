import { expect, test } from 'vitest';
import { centerDigit, type Ink } from '../src/input/center-digit.ts';

function sheet(width: number, height: number, ink: (x: number, y: number) => number): Ink {
  const data = Uint8Array.from({ length: width * height }, (_, i) => ink(i % width, Math.floor(i / width)));
  return { data, width, height };
}

function centreOfMass(data: ArrayLike<number>): [x: number, y: number] {
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < 784; i++) {
    sum += data[i]!;
    x += data[i]! * ((i % 28) + 0.5);
    y += data[i]! * (Math.floor(i / 28) + 0.5);
  }
  return [x / sum, y / sum];
}

test('a blank sheet has no digit', () => {
  expect(centerDigit(sheet(40, 40, () => 0))).toBeUndefined();
});

test('a square drawn anywhere fills the box of 20 by 20 in the middle', () => {
  const digit = centerDigit(sheet(280, 280, (x, y) => (x >= 7 && x < 47 && y >= 200 && y < 240 ? 255 : 0)))!;
  expect([digit.width, digit.height, digit.channels]).toEqual([28, 28, 1]);
  digit.data.forEach((value, i) => {
    const inside = i % 28 >= 4 && i % 28 < 24 && i >= 4 * 28 && i < 24 * 28;
    expect(value).toBe(inside ? 255 : 0);
  });
});

test('proportions are kept: a bar twice as high as wide becomes 10 by 20', () => {
  const { data } = centerDigit(
    sheet(280, 280, (x, y) => (x >= 100 && x < 150 && y >= 50 && y < 150 ? 255 : 0)),
  )!;
  const columns = new Set([...data.keys()].filter((i) => data[i]! > 0).map((i) => i % 28));
  const rows = new Set([...data.keys()].filter((i) => data[i]! > 0).map((i) => Math.floor(i / 28)));
  expect([columns.size, rows.size]).toEqual([10, 20]);
});

test('the centre of mass of lopsided ink comes within half a pixel of the middle', () => {
  const { data } = centerDigit(sheet(200, 200, (x, y) => (x > 20 && y > 30 && x + 2 * y < 250 ? 255 : 0)))!;
  for (const at of centreOfMass(data)) expect(Math.abs(at - 14)).toBeLessThanOrEqual(0.5);
});

test('the mean of the ink is kept where it is made smaller', () => {
  // Stripes of one pixel: grey at a twelfth of the size.
  const { data } = centerDigit(sheet(240, 240, (x) => (x % 2 ? 255 : 0)))!;
  const inked = [...data].filter((value) => value > 0);
  expect(inked.length).toBe(400);
  const mean = inked.reduce((a, b) => a + b) / inked.length;
  expect(Math.abs(mean - 127.5)).toBeLessThan(2);
});
