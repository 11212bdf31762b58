import { expect, test } from 'vitest';
import { switchesApart } from '../src/panels/compare-backends.ts';
import { type ChannelSwitches, strongestRegion } from '../src/walk/draw-switches.ts';
import { channelOf, channelSum, strongestChannels } from '../src/walk/response-channels.ts';

/** Two places, four channels. */
const values = Float32Array.of(1, -2, 0, 3, 0.5, -2, 0, 1);

test('channels are added up place by place, all of them or a part', () => {
  expect([...channelSum(values, 4).map]).toEqual([2, -0.5]);
  expect(channelSum(values, 4).share).toBe(1);
  const part = channelSum(values, 4, 1, 3);
  expect([...part.map]).toEqual([-2, -2]);
  expect(part.share).toBeCloseTo(4 / 9.5, 6);
  expect(channelSum(new Float32Array(8), 4)).toEqual({ map: new Float32Array(2), share: 0 });
});

test('the strongest channels come first, with their shares; silent ones do not come', () => {
  const found = strongestChannels(values, 4, 8);
  expect(found.map(({ channel }) => channel)).toEqual([1, 3, 0]);
  expect(found.map(({ share }) => share * 9.5)).toEqual([4, 4, 1.5]);
  expect([...found[0]!.map]).toEqual([-2, -2]);
  expect(strongestChannels(values, 4, 1)).toHaveLength(1);
  expect([...channelOf(Int32Array.of(1, 2, 3, 4, 5, 6), 3, 1)]).toEqual([2, 5]);
});

test('the region looked at closely holds the strongest response, and stays inside', () => {
  const axis = { input: 40, output: 20, kernel: 2, stride: 2, dilation: 1, padBefore: 0, padAfter: 0 };
  const at = (row: number, column: number): ChannelSwitches => {
    const responses = new Float32Array(400);
    responses[3] = 1;
    responses[row * 20 + column] = -2;
    return { geometry: { y: axis, x: axis }, places: new Int32Array(400), responses };
  };
  expect(strongestRegion(at(10, 9), 6)).toEqual({ row: 7, column: 6, rows: 6, columns: 6 });
  expect(strongestRegion(at(19, 0), 6)).toEqual({ row: 14, column: 0, rows: 6, columns: 6 });
  expect(strongestRegion(at(0, 19), 50)).toEqual({ row: 0, column: 0, rows: 20, columns: 20 });
});

test('switches are compared one by one', () => {
  const reference = [Int32Array.of(1, 2, 3), Int32Array.of(4)];
  expect(switchesApart(reference, reference)).toEqual({ switches: 4, otherSwitches: 0 });
  expect(switchesApart([Int32Array.of(1, 9, 3), Int32Array.of(5)], reference)).toEqual({
    switches: 4,
    otherSwitches: 2,
  });
  expect(switchesApart([], [])).toEqual({ switches: 0, otherSwitches: 0 });
});
