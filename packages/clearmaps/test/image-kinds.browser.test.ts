import type { Prediction } from '@clearmaps/deconvnet';
import { preprocess, svhnNet } from '@clearmaps/models';
import { tensor3d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clearmaps, createClearmaps, type ExplainImage, fitPicture, ImageError } from '../src/index.ts';
import { wasm } from '../src/wasm.ts';
import { inWorker } from '../src/worker.ts';
import { wasmWorker } from './browser/workers/start-worker.ts';

const WIDTH = 90;
const HEIGHT = 60;
const model = svhnNet({ seed: 3 });

/** Colours, edges and half transparent parts: scaling, order of channels and alpha all show. */
function drawOn(context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D): void {
  const ramp = context.createLinearGradient(0, 0, WIDTH, HEIGHT);
  ramp.addColorStop(0, 'rgb(255 40 0 / 1)');
  ramp.addColorStop(1, 'rgb(0 120 255 / 0.3)');
  context.fillStyle = ramp;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = 'lime';
  context.fillRect(50, 10, 13, 30);
}

function canvas(): HTMLCanvasElement {
  const element = document.createElement('canvas');
  [element.width, element.height] = [WIDTH, HEIGHT];
  drawOn(element.getContext('2d')!);
  return element;
}

function offscreen(): OffscreenCanvas {
  const element = new OffscreenCanvas(WIDTH, HEIGHT);
  drawOn(element.getContext('2d')!);
  return element;
}

const pixels = (): ImageData => canvas().getContext('2d')!.getImageData(0, 0, WIDTH, HEIGHT);
const file = (): Promise<Blob> => offscreen().convertToBlob({ type: 'image/png' });

async function image(): Promise<HTMLImageElement> {
  const element = new Image();
  element.src = URL.createObjectURL(await file());
  return element;
}

/** As long as it plays, a canvas is its film. */
async function video(): Promise<HTMLVideoElement> {
  const element = document.createElement('video');
  element.muted = true;
  element.srcObject = canvas().captureStream();
  await element.play();
  return element;
}

async function networkInput(): Promise<Float32Array> {
  return preprocess(await fitPicture(pixels(), model), model.preprocessing!, model.inputShape);
}

const KINDS: Readonly<Record<string, () => ExplainImage | Promise<ExplainImage>>> = {
  'a canvas': canvas,
  'an OffscreenCanvas': offscreen,
  'a canvas that shows a bitmap': () => {
    const element = new OffscreenCanvas(WIDTH, HEIGHT);
    element.getContext('bitmaprenderer')!.transferFromImageBitmap(offscreen().transferToImageBitmap());
    return element;
  },
  'an ImageBitmap': () => createImageBitmap(canvas()),
  'an <img> that loads yet': image,
  'an <img> that may load lazily': async () => {
    const element = new Image();
    element.loading = 'lazy';
    element.src = (await image()).src;
    return element;
  },
  'an <img> that has loaded': async () => {
    const element = await image();
    await new Promise((resolve) => element.addEventListener('load', resolve));
    return element;
  },
  'a decoded <img>': async () => {
    const element = await image();
    await element.decode();
    return element;
  },
  'a VideoFrame': () => new VideoFrame(offscreen(), { timestamp: 0 }),
  'a Blob': file,
  'a File': async () => new File([await file()], 'photo.png'),
  'bytes with their shape': () => ({ data: pixels().data, shape: [HEIGHT, WIDTH, 4] }),
  'bytes inside a longer array': () => {
    const { data } = pixels();
    const longer = new Uint8Array(data.length + 12);
    longer.set(data, 12);
    return { data: longer.subarray(12), width: WIDTH, height: HEIGHT, channels: 4 };
  },
  'network input': networkInput,
  'network input with its shape': async () => ({ data: await networkInput(), shape: [1, 32, 32, 3] }),
  'a tensor': async () => tensor3d(await networkInput(), [32, 32, 3]),
};

const REFUSED: readonly (readonly [string, () => unknown, string | RegExp])[] = [
  [
    'a canvas without pixels',
    () => new OffscreenCanvas(0, 5),
    /OffscreenCanvas of 0x5 pixels.* Give the canvas/,
  ],
  ['a canvas never drawn on', () => new OffscreenCanvas(9, 9), /does not let pages read: [^"]*$/],
  ['an <img> without a source', () => new Image(), /HTMLImageElement of 0x0 pixels.* found no picture/],
  [
    'a broken <img>',
    () => {
      const element = new Image();
      element.src = 'data:image/png;base64,aGVsbG8=';
      return element;
    },
    /HTMLImageElement of 0x0 pixels.* found no picture/,
  ],
  [
    'a video that has not loaded',
    () => document.createElement('video'),
    /HTMLVideoElement of 0x0 pixels.* loadeddata/,
  ],
  [
    'a bitmap that has been closed',
    async () => {
      const bitmap = await createImageBitmap(canvas());
      bitmap.close();
      return bitmap;
    },
    /ImageBitmap of 0x0 pixels.* closed or transferred/,
  ],
  [
    'a file that is no picture',
    () => new File(['hello'], 'a.txt', { type: 'text/plain' }),
    /File of 5 bytes/,
  ],
  ['another element', () => document.createElement('div'), 'got HTMLDivElement'],
  ['text', () => 'digit.png', 'got the text "digit.png"'],
  ['a canvas with a picture from elsewhere', tainted, /does not let pages read.* crossorigin="anonymous"/],
];

let here: Clearmaps;
let there: Clearmaps;
let expected: Prediction;
beforeAll(async () => {
  here = await createClearmaps({ model, backends: [wasm()] });
  there = await createClearmaps({ model, backends: [inWorker(wasmWorker)] });
  expected = await here.predict(pixels());
});
afterAll(() => Promise.all([here.dispose(), there.dispose()]));

const PLACES = [
  ['in the page', () => here],
  ['in a worker', () => there],
] as const;

describe.for(PLACES)('%s', ([, place]) => {
  test('the same picture as ImageData gives the same answer', async () => {
    expect(await place().predict(pixels())).toEqual(expected);
  });

  test.for(Object.keys(KINDS))('the same picture as %s gives the same answer', async (kind) => {
    const given = await KINDS[kind]!();
    expect(await place().predict(given)).toEqual(expected);
    // It is still the caller's: whole, and good for another time.
    expect(await place().predict(given)).toEqual(expected);
    if (typeof given === 'object' && 'dispose' in given) given.dispose();
    if (typeof given === 'object' && 'close' in given) given.close();
  });

  test("a video's current frame gives the answer of that frame", async () => {
    const film = await video();
    const frame = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d')!;
    frame.drawImage(film, 0, 0);
    const answer = await place().predict(film);
    expect(answer).toEqual(await here.predict(frame.getImageData(0, 0, WIDTH, HEIGHT)));
    film.srcObject = null;
  });

  test('a canvas is taken as it is at the call', async () => {
    const element = canvas();
    const answer = place().predict(element);
    element.getContext('2d')!.clearRect(0, 0, WIDTH, HEIGHT);
    expect(await answer).toEqual(expected);
  });

  test.for(REFUSED)('%s is refused with the reason', async ([, given, message]) => {
    const failure = place().explain((await given()) as ExplainImage);
    await expect(failure).rejects.toThrow(ImageError);
    await expect(failure).rejects.toThrow(message);
  });
});

/** What an SVG with HTML in it draws may not be read, wherever it comes from. */
async function tainted(): Promise<HTMLCanvasElement> {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">!</p></foreignObject></svg>';
  const picture = new Image();
  picture.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  await picture.decode();
  const element = canvas();
  element.getContext('2d')!.drawImage(picture, 0, 0);
  return element;
}
