import { describe, expect, it } from 'vitest';
import { imageAt, joinImages, labelledImages } from '../src/index.ts';

describe('two sets joined', () => {
  const set = (name: string, value: number, classNames = ['a', 'b']) =>
    labelledImages({
      name,
      images: new Uint8Array(2 * 4).fill(value),
      labels: Int32Array.of(0, 1),
      height: 2,
      width: 2,
      channels: 1,
      classNames,
    });

  it('hold the images of the first, then those of the second', () => {
    const joined = joinImages(set('first', 1), set('second', 2));
    expect(joined).toMatchObject({ name: 'first', count: 4 });
    expect([...joined.labels]).toEqual([0, 1, 0, 1]);
    expect([0, 1, 2, 3].map((i) => imageAt(joined, i)[0])).toEqual([1, 1, 2, 2]);
  });

  it('must have the same classes', () => {
    expect(() => joinImages(set('first', 1), set('second', 2, ['b', 'a']))).toThrow(/second.*b, a/);
  });
});
