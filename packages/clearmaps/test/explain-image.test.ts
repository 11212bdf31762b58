import type { LayerGraph } from '@clearmaps/deconvnet';
import { mnistNet, svhnNet, vggNet } from '@clearmaps/models';
import '@tensorflow/tfjs-backend-cpu';
import { enableProdMode, tensor3d } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { captureImage, type ExplainImage, isNetworkInput, toNetworkInput } from '../src/explain-image.ts';
import { fitPicture, ImageError } from '../src/index.ts';

beforeAll(enableProdMode);

const gray = mnistNet();
const photo = vggNet({ inputShape: [32, 32, 3] });
const bytes = Uint8Array.from({ length: 784 }, (_, i) => (i * 7) % 256);

/** A gradient with an edge, so that scaling, cutting and channel order all show. */
function rgba(width: number, height: number): { data: Uint8ClampedArray; width: number; height: number } {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set([(255 * x) / width, (255 * y) / height, x > width / 2 ? 200 : 20, 255], (y * width + x) * 4);
    }
  }
  return { data, width, height };
}

async function inputOf(image: ExplainImage, model: LayerGraph) {
  const captured = await captureImage(image, model);
  return isNetworkInput(captured) ? captured : toNetworkInput(captured, model);
}

describe('an image to explain', () => {
  test('leaves network input as it is', async () => {
    const values = new Float32Array(784);
    expect(await inputOf(values, gray)).toBe(values);
    expect(await inputOf({ data: values, shape: [28, 28, 1] }, gray)).toBe(values);
    const twice = new Float32Array(2 * 784);
    expect(await inputOf({ data: twice, shape: [2, 28, 28, 1] }, gray)).toBe(twice);
    const tensor = tensor3d(values, [28, 28, 1]);
    expect(await inputOf(tensor, gray)).toBe(tensor);
    tensor.dispose();
  });

  test('takes bytes with their shape, ImageData and pictures alike', async () => {
    const expected = Float32Array.from(bytes, (byte) => Math.fround(byte * (1 / 255)));
    const asRgba = new Uint8ClampedArray(784 * 4).fill(255);
    bytes.forEach((byte, pixel) => void asRgba.fill(byte, 4 * pixel, 4 * pixel + 3));
    class ImageDataOfABrowser {
      get data() {
        return asRgba;
      }
      get width() {
        return 28;
      }
      get height() {
        return 28;
      }
    }
    for (const image of [
      { data: bytes, shape: [28, 28] },
      { data: bytes, shape: [28, 28, 1] },
      { data: bytes, width: 28, height: 28, channels: 1 },
      { data: asRgba, width: 28, height: 28 },
      new ImageDataOfABrowser(),
    ] as ExplainImage[]) {
      const values = (await inputOf(image, gray)) as Float32Array;
      expect(values).toHaveLength(784);
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
    }
  });

  test('scales and cuts a picture as sharp does', async () => {
    const picture = rgba(600, 400);
    const fitted = await fitPicture(picture, photo);
    expect([fitted.width, fitted.height]).toEqual([32, 32]);
    // vggNet: short side to shortSide (256, or the input where it is smaller), then the centre.
    const whole = await sharp(picture.data, { raw: { width: 600, height: 400, channels: 4 } })
      .resize(384, 256, { kernel: 'lanczos3' })
      .extract({ left: 176, top: 112, width: 32, height: 32 })
      .raw()
      .toBuffer();
    const worst = Math.max(...whole.map((byte, i) => Math.abs(byte - fitted.data[i]!)));
    expect(worst).toBeLessThanOrEqual(3);
  });

  test('lays transparent parts over white, for a net of gray over black, before it scales', async () => {
    // Red that nobody sees but where it is half transparent, in the second column of four.
    const columns = [0, 128, 0, 0];
    const picture = (side: number) => ({
      data: Uint8ClampedArray.from({ length: side * side * 4 }, (_, i) =>
        i % 4 === 3 ? columns[Math.floor(((i >> 2) % side) / (side / 4))]! : i % 4 === 0 ? 255 : 0,
      ),
      width: side,
      height: side,
    });
    for (const side of [32, 64]) {
      const { data } = await fitPicture(picture(side), svhnNet());
      const row = [...data.subarray(16 * 32 * 4, 17 * 32 * 4)];
      expect(row.slice(0, 4)).toEqual([255, 255, 255, 255]);
      expect(row.slice(12 * 4, 12 * 4 + 4)).toEqual([255, 127, 127, 255]);
      expect(row.slice(-4)).toEqual([255, 255, 255, 255]);
    }
    const onBlack = await fitPicture(picture(28), gray);
    expect([...onBlack.data.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
    expect([...onBlack.data.subarray(10 * 4, 10 * 4 + 4)]).toEqual([128, 0, 0, 255]);
  });

  test('stretches where the preprocessing says so', async () => {
    const fitted = await fitPicture(rgba(56, 14), gray);
    expect([fitted.width, fitted.height]).toEqual([28, 28]);
    // Half as wide, twice as high: the red ramp still goes from end to end.
    expect(fitted.data[0]).toBeLessThan(10);
    expect(fitted.data[27 * 4]).toBeGreaterThan(240);
    const values = (await inputOf(rgba(56, 14), gray)) as Float32Array;
    expect(values).toHaveLength(784);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
  });

  test('refuses what is no image, naming what it got', async () => {
    const refused = async (image: unknown, message: string | RegExp, model = gray) => {
      const failure = inputOf(image as ExplainImage, model);
      await expect(failure).rejects.toThrow(ImageError);
      await expect(failure).rejects.toThrow(message);
    };
    await refused(null, 'got null');
    await refused(undefined, 'got undefined');
    await refused('digit.png', /got the text "digit.png"; .* readPictureFile/);
    await refused(new Uint8Array(3), /got Uint8Array; .* new Blob/);
    await refused([1, 2, 3], /got Array; .* Float32Array.from/);
    await refused({ data: bytes, shape: [784] }, 'got Object');
    await refused({ data: bytes, shape: [28, 27] }, '784 bytes for 27x28 pixels of 1 channels');
    await refused({ data: bytes, width: 28, height: 28 }, '784 bytes for 28x28 pixels of 4 channels');
    await refused({ data: new Float64Array(784), width: 28, height: 28 }, 'got Float64Array');
    await refused({ data: new Uint8Array(), width: 0, height: 0 }, '0x0');
    await refused(
      { data: new Float32Array(784), shape: [28, 28, 3] },
      'got 784 values of shape [28, 28, 3]; allowed: [28, 28, 1] or [B, 28, 28, 1]',
    );
    await refused({ data: bytes, shape: [28, 28] }, 'does not say how pictures become its input', {
      ...gray,
      preprocessing: undefined,
    });
  });
});
