import { classPalette, createRaster, type Raster } from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet';
import { describe, expect, test } from 'vitest';
import { drawClearMap, drawViews, ImageError, shownRows } from '../src/index.ts';

/** Two pixels, three classes asked for out of four, in the order 3, 0, 2; two images. */
const explanation: Explanation = {
  shape: [2, 1, 2, 1],
  classes: [3, 0, 2],
  logits: new Float32Array(8),
  probabilities: new Float32Array(8),
  maps: Float32Array.from([...[4, 0], ...[1, 2], ...[0, 1], ...[0, 0], ...[0, 0], ...[0, 8]]),
  evidence: Float32Array.from([4, 3, 1, 0, 0, 8]),
  dominantClass: Int32Array.from([3, 0, 3, 2]),
  dominantResponse: Float32Array.from([4, 2, 0, 8]),
};
const palette = classPalette(4);
const picture = createRaster(2, 1, [100, 100, 100]);
const pixel = ({ data }: Raster, at: number): number[] => Array.from(data.subarray(4 * at, 4 * at + 3));
const draw = (options: Partial<Parameters<typeof drawViews>[1]> = {}) =>
  drawViews(explanation, { picture, target: 3, palette, ...options });

describe('drawViews', () => {
  test('draws everything but the response maps unless told', () => {
    expect(draw().map(({ name }) => name)).toEqual(['original', 'heatmap', 'binary', 'clear', 'overlay']);
  });

  test('colours a pixel by its dominant class and dims it by its share of the maximum', () => {
    const [clear] = draw({ views: ['clear'] });
    const color = (c: number, v: number) =>
      [0, 1, 2].map((k) => Math.round(255 * v * palette.colors[3 * c + k]!));
    expect(pixel(clear!.raster, 0)).toEqual(color(3, 1));
    expect(pixel(clear!.raster, 1)).toEqual(color(0, 0.5));
  });

  test('takes the image of the batch that was asked for', () => {
    const [clear] = draw({ views: ['clear'], image: 1 });
    expect(pixel(clear!.raster, 0)).toEqual([0, 0, 0]);
    expect(Math.max(...pixel(clear!.raster, 1))).toBe(255);
  });

  test.each([2, -1, 0.5])('refuses image %s of a batch of two, as the others that draw do', (image) => {
    const classNames = [...'abcd'];
    for (const call of [
      () => draw({ image }),
      () => drawClearMap(explanation, { image }),
      () => shownRows(explanation, { image, classNames }),
    ]) {
      expect(call).toThrow(ImageError);
      expect(call).toThrow(
        `image ${image} of an explanation: got a batch of 2; allowed: whole numbers from 0 to 1`,
      );
    }
  });

  test('finds the target by its class, not by its row', () => {
    const [binary] = draw({ views: ['binary'], target: 0 });
    // Class 0 loses the first pixel to class 3 and wins the second: blue, then red.
    expect(pixel(binary!.raster, 0)).toEqual([64, 96, 255]);
    expect(pixel(binary!.raster, 1)).toEqual([255, 0, 0]);
  });

  test('leaves out what compares the target with others where there is nothing to compare', () => {
    expect(draw({ target: 1 }).map(({ name }) => name)).toEqual(['original', 'clear', 'overlay']);
    expect(draw({ views: ['heatmap'], target: 1 })).toEqual([]);
  });

  test('draws one response map a class, in the order asked', () => {
    const views = draw({ views: ['responses'] });
    expect(views.map(({ classIndex }) => classIndex)).toEqual([3, 0, 2]);
  });

  test('scales heatmaps by the maximum where CLEAR maps are scaled by class', () => {
    const views = draw({ views: ['clear', 'heatmap'], scale: 'per-class' });
    expect(Math.max(...pixel(views[0]!.raster, 1))).toBe(255);
    expect(views).toHaveLength(2);
  });
});
