import type { Preprocessing } from '@clearmaps/deconvnet';
import { describe, expect, it } from 'vitest';
import { mnistNet, type Picture, PictureError, preprocess, svhnNet, vggNet } from '../src/index.ts';

const picture = (channels: 1 | 3 | 4, ...data: number[]): Picture => ({
  data: Uint8Array.from(data),
  width: data.length / channels,
  height: 1,
  channels,
});

const GRAY = mnistNet().preprocessing!;
const RGB = svhnNet().preprocessing!;
const BGR = vggNet().preprocessing!;
const close = (values: Float32Array, wanted: number[]) => {
  expect(values.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(values[i]).toBeCloseTo(value, 4);
  });
};

describe('preprocessing', () => {
  it('scales gray digits to 0..1 for the MNIST net', () => {
    expect(preprocess(picture(1, 0, 255, 51), GRAY, [1, 3, 1])).toEqual(Float32Array.from([0, 1, 0.2]));
  });

  it('makes gray from colours by their luma, and leaves gray pixels exactly as they are', () => {
    close(preprocess(picture(3, 255, 0, 0, 0, 255, 0, 0, 0, 255), GRAY, [1, 3, 1]), [0.299, 0.587, 0.114]);
    for (let byte = 0; byte < 256; byte++) {
      const gray = preprocess(picture(3, byte, byte, byte), GRAY, [1, 1, 1]);
      expect(gray).toEqual(preprocess(picture(1, byte), GRAY, [1, 1, 1]));
    }
  });

  it('maps RGB to -1..1 for the SVHN net, where gray 127.5 is 0', () => {
    close(preprocess(picture(3, 0, 127, 255), RGB, [1, 1, 3]), [-1, -0.003922, 1]);
  });

  it('turns the channels round and takes the ImageNet means off for the VGG net', () => {
    close(preprocess(picture(3, 10, 20, 30), BGR, [1, 1, 3]), [30 - 103.939, 20 - 116.779, 10 - 123.68]);
  });

  it('spreads a gray picture over three channels', () => {
    close(preprocess(picture(1, 100), BGR, [1, 1, 3]), [100 - 103.939, 100 - 116.779, 100 - 123.68]);
  });

  it('lays transparent pixels over white for a net of colour, or over the background asked for', () => {
    const rgba = picture(4, 200, 100, 50, 0, 200, 100, 50, 51, 200, 100, 50, 255);
    const plain: Preprocessing = { ...RGB, scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
    const onWhite = [255, 255, 255, 244, 224, 214, 200, 100, 50];
    close(preprocess(rgba, plain, [1, 3, 3]), onWhite);
    const onBlack = [0, 0, 0, 40, 20, 10, 200, 100, 50];
    close(preprocess(rgba, plain, [1, 3, 3], { background: 0 }), onBlack);
  });

  it('lays transparent pixels over black for a net of gray', () => {
    const rgba = picture(4, 200, 200, 200, 0, 200, 200, 200, 51, 200, 200, 200, 255);
    const plain: Preprocessing = { ...GRAY, scale: 1, mean: [0], std: [1] };
    close(preprocess(rgba, plain, [1, 3, 1]), [0, 40, 200]);
  });

  it('keeps rows and columns apart', () => {
    const data = Uint8Array.from([1, 2, 3, 4, 5, 6]);
    const values = preprocess({ data, width: 3, height: 2, channels: 1 }, { ...GRAY, scale: 1 }, [2, 3, 1]);
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => preprocess({ data, width: 3, height: 2, channels: 1 }, GRAY, [3, 2, 1])).toThrow(
      /input of 2x3 pixels: got 3x2 pixels/,
    );
  });

  it.each<[Picture, Preprocessing, [number, number, number], RegExp]>([
    [
      { ...picture(1, 1, 2), data: new Uint8Array(3) },
      GRAY,
      [1, 2, 1],
      /2x1 picture: got 3 bytes for 1 channels/,
    ],
    [{ ...picture(1, 1, 2), channels: 2 as never }, GRAY, [1, 2, 1], /allowed: 1, 3 or 4 channels/],
    [picture(1, 1), GRAY, [1, 1, 3], /gray for an input of 3 channels/],
    [picture(1, 1), { ...RGB, mean: [0] }, [1, 1, 3], /mean of 1 and std of 3 channels; allowed: 3/],
    [picture(1, 1), { ...GRAY, std: [0] }, [1, 1, 1], /std \[0\]; allowed: finite numbers, std not 0/],
    [picture(1, 1), { ...GRAY, scale: Number.NaN }, [1, 1, 1], /scale NaN/],
  ])('refuses what does not fit: case %#', (wrong, preprocessing, inputShape, message) => {
    expect(() => preprocess(wrong, preprocessing, inputShape)).toThrow(message);
    expect(() => preprocess(wrong, preprocessing, inputShape)).toThrow(PictureError);
  });
});
