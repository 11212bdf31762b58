import { expect, test } from 'vitest';
import { eraseStrong } from '../src/panels/erase-strong.ts';

test('strong features and the rest share the picture out', () => {
  const picture = { data: Uint8Array.of(10, 20, 30, 40), width: 4, height: 1, channels: 1 } as const;
  const { only, without, share } = eraseStrong(picture, Float32Array.of(1, 0.4, -2, 0.6), 0.5, 0);
  expect([...only.data]).toEqual([10, 0, 0, 40]);
  expect([...without.data]).toEqual([0, 20, 30, 0]);
  expect(share).toBe(0.5);
});

test('colours turn grey and stay as opaque as they were', () => {
  const picture = { data: Uint8Array.of(1, 2, 3, 9, 4, 5, 6, 8), width: 2, height: 1, channels: 4 } as const;
  const { only, without } = eraseStrong(picture, Float32Array.of(3, 1), 0.5, 128);
  expect([...only.data]).toEqual([1, 2, 3, 9, 128, 128, 128, 8]);
  expect([...without.data]).toEqual([128, 128, 128, 9, 4, 5, 6, 8]);
});

test('where nothing is positive nothing is strong', () => {
  const picture = { data: Uint8Array.of(7), width: 1, height: 1, channels: 1 } as const;
  expect(eraseStrong(picture, Float32Array.of(-1), 0, 0).share).toBe(0);
});
