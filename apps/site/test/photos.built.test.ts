import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledModelFolder } from '@clearmaps/models/node';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from './find-violations.ts';
import { type GivenFile, MODEL_FILES, vggWithoutTop } from './model-files.ts';
import { chromiumPath, mapShown, type ServedSite, serveSite, verdict } from './serve-site.ts';
import { absent, CHIHUAHUA, JAPANESE_SPANIEL, SQUEEZENET } from './shared-photos.ts';

const skipped = chromiumPath === undefined;
/** For SqueezeNet: two seconds a picture on two idle cores, but a busy machine takes far longer. */
const PATIENCE = { timeout: 600_000 };

describe.skipIf(skipped)(
  `the photo tab in Chromium${skipped ? ' [SKIPPED: there is no Chromium]' : ''}`,
  () => {
    let site: ServedSite;
    let folder: Server;
    let address: string;
    beforeAll(async () => {
      site = await serveSite();
      folder = createServer((request, response) => {
        const path = join(SQUEEZENET, request.url!.split('/').at(-1)!);
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.statusCode = existsSync(path) ? 200 : 404;
        response.end(existsSync(path) ? readFileSync(path) : undefined);
      });
      await new Promise<void>((resolve) => folder.listen(0, resolve));
      address = `http://localhost:${(folder.address() as AddressInfo).port}/squeezenet`;
    });
    afterAll(async () => {
      folder?.close();
      await site?.close();
    });

    const openPhotos = async (options: Parameters<ServedSite['open']>[0] = {}): Promise<Page> => {
      const page = await site.open(options);
      page.setDefaultTimeout(PATIENCE.timeout / 3);
      await page.getByRole('button', { name: 'Photos' }).click();
      return page;
    };

    test.skipIf(absent)(
      `SqueezeNet comes from the address that the visitor gives, and each dog has its own breed's colour${absent}`,
      PATIENCE,
      async () => {
        const page = await openPhotos();
        await page.fill('#model-address', address);
        await page.getByRole('button', { name: 'Load it' }).click();
        await loaded(page, 65);
        await page.setInputFiles('#picture-file', CHIHUAHUA);
        await verdict(page, 'Chihuahua');
        // Classes 151 and 152 of ImageNet, of ten colours: the second and the third of the circle.
        expect(await colorOf(page, 'Chihuahua')).toBe('#ff9900');
        expect(await page.locator('#classes li').count()).toBe(10);
        await page.fill('#class-name', 'lawn mower');
        await page.getByRole('button', { name: 'Add' }).click();
        await page.waitForFunction(() => document.querySelectorAll('#classes li').length === 11);
        expect(await page.locator('#classes li').last().textContent()).toContain('lawn mower');
        await page.getByRole('button', { name: 'Less likely classes' }).click();
        await page.waitForFunction(
          () => !document.querySelector('#classes')!.textContent!.includes('Chihuahua'),
        );
        expect(await page.locator('#page-text').textContent()).toBe('11 to 20 of 1000');
        await page.context().close();
      },
    );

    test.skipIf(absent)(
      `SqueezeNet comes from a file; a long explanation is stopped, and the next one comes all the same${absent}`,
      PATIENCE,
      async () => {
        const page = await openPhotos({ before: [holdExplanations] });
        await page.setInputFiles(
          '#model-files',
          ['squeezenet1.1.onnx', 'labels.json'].map((name) => join(SQUEEZENET, name)),
        );
        await loaded(page, 64);
        await page.evaluate(() => window.explanations.hold());
        await page.setInputFiles('#picture-file', CHIHUAHUA);
        await page.locator('#stop').click();
        await page.evaluate(() => window.explanations.release());
        await page.waitForSelector('#working', { state: 'hidden' });
        expect(await page.locator('#classes-title').textContent()).toBe('Choose a picture');
        expect(await page.locator('#problem').isHidden()).toBe(true);
        await page.setInputFiles('#picture-file', JAPANESE_SPANIEL);
        await verdict(page, 'Japanese spaniel');
        expect(await colorOf(page, 'Japanese spaniel')).toBe('#ccff00');
        expect(await findViolations(page)).toEqual([]);
        // A name of more than a hundred letters is among the choices then.
        await page.fill('#class-name', 'dragonfly');
        await page.getByRole('button', { name: 'Add' }).click();
        await page.waitForFunction(() => document.querySelectorAll('#classes li').length === 11);
        await page.setViewportSize({ width: 390, height: 844 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        await page.context().close();
      },
    );

    test('a picture comes by file, by drop and by paste, and each is what the network gets', async () => {
      const page = await openPhotos({ permissions: ['clipboard-read', 'clipboard-write'] });
      await loadSmallNet(page);
      await page.setInputFiles('#picture-file', {
        name: 'red.png',
        mimeType: 'image/png',
        buffer: Buffer.from(await plainPng(page, '#f00'), 'base64'),
      });
      await pictureIs(page, [255, 0, 0]);
      await drop(
        page,
        [{ name: 'lime.png', bytes: Buffer.from(await plainPng(page, '#0f0'), 'base64') }],
        'image/png',
      );
      await pictureIs(page, [0, 255, 0]);
      await page.evaluate(
        async (base64) => {
          const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
          await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
        },
        await plainPng(page, '#00f'),
      );
      await page.keyboard.press('Control+V');
      await pictureIs(page, [0, 0, 255]);
      await drop(page, [{ name: 'notes.txt', bytes: Buffer.from('no picture') }], 'text/plain');
      await page.waitForSelector('#problem:not([hidden])');
      expect(await page.locator('#problem-text').textContent()).toMatch(
        /notes\.txt.*cannot read as a picture/s,
      );
      await page.context().close();
    });

    test('the camera takes a picture and is off afterwards; without permission the page says what to do', async () => {
      const page = await openPhotos();
      await loadSmallNet(page);
      await page.locator('#picture-camera').click();
      await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
      await page.evaluate(() => {
        const { srcObject } = document.querySelector('video')!;
        Object.assign(window, { tracks: (srcObject as MediaStream).getTracks() });
      });
      expect(await findViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Take the picture' }).click();
      await mapShown(page, 3);
      await page.waitForSelector('dialog', { state: 'detached' });
      const states = await page.evaluate(() =>
        (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map(({ readyState }) => readyState),
      );
      expect(states).toEqual(['ended']);
      // Chromium's camera for tests shows a green field with a clock.
      const [red, green] = await page.evaluate(() => {
        const { data } = document.querySelector('clear-map')!.picture!;
        const sum = (c: number): number =>
          data.reduce((all, value, i) => (i % 4 === c ? all + value : all), 0);
        return [sum(0), sum(1)] as const;
      });
      expect(green).toBeGreaterThan(2 * red);

      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
      });
      await page.locator('#picture-camera').click();
      await page.waitForSelector('#problem:not([hidden])');
      expect(await page.locator('#problem-text').textContent()).toContain('got no permission');
      await page.context().close();
    });

    test('models of every kind are dropped with all of their files; the reader of HDF5 comes with the first', async () => {
      const page = await openPhotos();
      const readers = (): string[] => [...site.asked].filter((name) => /hdf5|safetensors/.test(name));
      expect(readers()).toEqual([]);
      const picture = Buffer.from(await plainPng(page, '#f80'), 'base64');
      for (const { make, layers, classes } of Object.values(MODEL_FILES)) {
        await drop(page, await make());
        await loaded(page, layers);
        await drop(page, [{ name: 'plain.png', bytes: picture }], 'image/png');
        await page.waitForFunction(
          (n) => document.querySelector('clear-map')!.explanation?.classes.length === n,
          classes,
        );
        expect(await page.locator('#classes li').count()).toBe(classes);
        expect(await page.locator('#problem').isHidden()).toBe(true);
      }
      expect(readers().length).toBeGreaterThan(2);
      await page.context().close();
    });

    test('a folder is dropped as the files in it are, in folders of its own, too', async () => {
      const page = await openPhotos();
      const dropped = await mkdtemp(join(tmpdir(), 'clearmaps-drop-'));
      await mkdir(join(dropped, 'net', 'weights'), { recursive: true });
      await copyFile(join(bundledModelFolder('svhn'), 'model.json'), join(dropped, 'net', 'model.json'));
      const weights = join(dropped, 'net', 'weights', 'weights.bin');
      await copyFile(join(bundledModelFolder('svhn'), 'weights.bin'), weights);
      await dropPath(page, join(dropped, 'net'));
      await loaded(page, 21);
      expect(await page.locator('#problem').isHidden()).toBe(true);
      await Promise.all(
        Array.from({ length: 201 }, (_, i) => writeFile(join(dropped, 'net', `${i}.txt`), 'no model')),
      );
      await dropPath(page, join(dropped, 'net'));
      await page.waitForSelector('#problem:not([hidden])');
      expect(await page.locator('#problem-text').textContent()).toMatch(/net: got more than 200/);
      await rm(dropped, { recursive: true });
      await page.context().close();
    });

    test('a file that is no whole model is refused in words, and the network before it stays', async () => {
      const page = await openPhotos();
      await loadSmallNet(page);
      const [h5] = await MODEL_FILES['Keras HDF5']!.make();
      const half = { ...h5!, bytes: h5!.bytes.subarray(0, h5!.bytes.length >> 1) };
      const refused: [GivenFile, string][] = [
        [half, 'cut short'],
        [await vggWithoutTop(), 'without its last layers'],
        [{ name: 'net.pth', bytes: Uint8Array.from([0x50, 0x4b, 3, 4]) }, 'torch.onnx.export'],
      ];
      for (const [file, words] of refused) {
        await drop(page, [file]);
        await page.waitForFunction(
          (text) => document.querySelector('#problem-text')!.textContent!.includes(text),
          words,
        );
        await page.locator('#dismiss').click();
        await page.waitForSelector('#problem', { state: 'hidden' });
      }
      expect(await page.locator('#model-status').textContent()).toContain('21 layers');
      await page.locator('#own > summary').click();
      await page.fill('#model-address', `${site.url}nowhere`);
      await page.getByRole('button', { name: 'Load it' }).click();
      await page.waitForFunction(() =>
        document.querySelector('#problem-text')!.textContent!.includes('a web page in its place'),
      );
      await page.context().close();
    });

    test('no page has said an error in its console', () => {
      expect(site.errors).toEqual([]);
    });
  },
);

declare global {
  interface Window {
    /** See {@link holdExplanations}. */
    explanations: { hold(): void; release(): void };
  }
}

/** Put into the page ahead of its code: answers of its workers can be held back, so that any explanation takes long. */
function holdExplanations(): void {
  const asked = new Set<string>();
  let held: (() => void)[] | undefined;
  window.explanations = {
    hold: () => {
      held = [];
    },
    release: () => {
      const told = held;
      held = undefined;
      for (const tell of told ?? []) tell();
    },
  };
  window.Worker = class extends Worker {
    // Messages as Comlink writes them.
    override postMessage(message: unknown, transfer?: StructuredSerializeOptions | Transferable[]): void {
      const { id, path } = message as { id: string; path?: string[] };
      if (path?.join() === 'explain') asked.add(id);
      super.postMessage(message, transfer as Transferable[]);
    }
    override addEventListener(type: string, listener: unknown, options?: AddEventListenerOptions): void {
      const told = listener as (event: Event) => void;
      const tell = (event: Event): void => {
        const isHeld = held && asked.has((event as MessageEvent<{ id: string }>).data?.id);
        if (isHeld) held!.push(() => told(event));
        else told(event);
      };
      super.addEventListener(type, type === 'message' ? tell : told, options);
    }
  };
}

/** Drops what lies under a path of this machine, in the middle of the page. */
async function dropPath(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
}

async function loaded(page: Page, layers: number): Promise<void> {
  await page.waitForFunction(
    (text) => document.querySelector('#model-status')!.textContent!.includes(text),
    `${layers} layers`,
  );
}

/** That of house numbers, which takes colours and is fast. */
async function loadSmallNet(page: Page): Promise<void> {
  const files = ['model.json', 'weights.bin'].map((name) => join(bundledModelFolder('svhn'), name));
  await page.setInputFiles('#model-files', files);
  await loaded(page, 21);
}

async function colorOf(page: Page, name: string): Promise<string> {
  const row = page.locator('#classes li').filter({ hasText: name });
  return row.evaluate((item) => (item as HTMLElement).style.getPropertyValue('--class-color'));
}

/** A PNG of one colour, 40x40, in base64. */
function plainPng(page: Page, color: string): Promise<string> {
  return page.evaluate((fill) => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 40, height: 40 });
    const context = canvas.getContext('2d')!;
    context.fillStyle = fill;
    context.fillRect(0, 0, 40, 40);
    return canvas.toDataURL('image/png').split(',')[1]!;
  }, color);
}

async function drop(page: Page, files: readonly GivenFile[], type = ''): Promise<void> {
  const given = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
  await page.evaluate(
    ([list, mime]) => {
      const dataTransfer = new DataTransfer();
      for (const { name, base64 } of list) {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        dataTransfer.items.add(new File([bytes], name, { type: mime }));
      }
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    [given, type] as const,
  );
}

/** Waits for an explanation of a picture of this colour. */
async function pictureIs(page: Page, color: readonly number[]): Promise<void> {
  await page.waitForFunction((rgb) => {
    const data = document.querySelector('clear-map')!.picture?.data;
    return data?.every((value, i) => i % 4 === 3 || Math.abs(value - rgb[i % 4]!) <= 1);
  }, color);
}
