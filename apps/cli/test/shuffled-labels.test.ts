import { labelledImages } from '@clearmaps/datasets';
import { expect, test } from 'vitest';
import { shuffledLabels } from '../src/shuffled-labels.ts';

const COUNT = 60;
const set = labelledImages({
  name: 'sixty',
  images: new Uint8Array(COUNT),
  labels: Int32Array.from({ length: COUNT }, (_, i) => i % 10),
  height: 1,
  width: 1,
  channels: 1,
  classNames: Array.from({ length: 10 }, (_, c) => String(c)),
});
const among = Array.from({ length: 40 }, (_, i) => i + 10);

test('chosen images change labels among themselves, all others keep theirs', () => {
  const { labels, images, name } = shuffledLabels(set, among, 1);
  expect(images).toBe(set.images);
  expect(name).toBe('sixty, labels shuffled');
  for (const i of [0, 5, 9, 50, 59]) expect(labels[i]).toBe(set.labels[i]);
  const sorted = (some: Int32Array) => among.map((i) => some[i]!).sort((a, b) => a - b);
  expect(sorted(labels)).toEqual(sorted(set.labels));
  const kept = among.filter((i) => labels[i] === set.labels[i]).length;
  // By chance a tenth keeps its label.
  expect(kept).toBeLessThan(15);
});

test('the seed decides, and the set given stays as it is', () => {
  const before = set.labels.slice();
  expect(shuffledLabels(set, among, 1).labels).toEqual(shuffledLabels(set, among, 1).labels);
  expect(shuffledLabels(set, among, 2).labels).not.toEqual(shuffledLabels(set, among, 1).labels);
  expect(set.labels).toEqual(before);
});
