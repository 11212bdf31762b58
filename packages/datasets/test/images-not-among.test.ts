import { expect, test } from 'vitest';
import { imagesNotAmong, labelledImages } from '../src/index.ts';

const setOf = (name: string, rows: readonly (readonly number[])[]) =>
  labelledImages({
    name,
    images: Uint8Array.from(rows.flat()),
    labels: new Int32Array(rows.length),
    height: 1,
    width: rows[0]!.length,
    channels: 1,
    classNames: ['a'],
  });
const set = setOf('set', [
  [1, 2],
  [3, 4],
  [1, 2],
  [5, 6],
]);

test('images that the others hold are found by their bytes, and only those of the chosen others', () => {
  const others = setOf('others', [
    [5, 6],
    [2, 1],
    [1, 2],
  ]);
  expect(Array.from(imagesNotAmong(set, others, [0, 1, 2]))).toEqual([1]);
  expect(Array.from(imagesNotAmong(set, others, [0]))).toEqual([0, 1, 2]);
  expect(Array.from(imagesNotAmong(set, others, []))).toEqual([0, 1, 2, 3]);
});

test('images of another size are never the same', () => {
  expect(imagesNotAmong(set, setOf('wide', [[1, 2, 3]]), [0])).toHaveLength(4);
});

test('images that share a hash are told apart by their bytes', () => {
  // A well-known pair of words with one 32-bit FNV-1a hash.
  const [a, b] = ['declinate', 'macallums'].map((word) => Array.from(new TextEncoder().encode(word)));
  expect(fnv1a(a!)).toBe(fnv1a(b!));
  expect(imagesNotAmong(setOf('one', [a!]), setOf('two', [b!]), [0])).toHaveLength(1);
});

function fnv1a(bytes: readonly number[]): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5);
}
