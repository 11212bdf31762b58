import { readFile } from 'node:fs/promises';
import { classHex, classPalette, clearMap, pictureRaster } from '@clearmaps/colormap';
import { readBundledModel } from '@clearmaps/models/node';
import { createClearmaps } from 'clearmaps';
import { wasm } from 'clearmaps/wasm';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectClose } from './expect-close.ts';
import { chromiumPath, draw, mapShown, SEVEN, type ServedSite, serveSite, verdict } from './serve-site.ts';

const skipped = chromiumPath === undefined;

describe.skipIf(skipped)(
  `what the site gives away${skipped ? ' [SKIPPED: there is no Chromium]' : ''}`,
  () => {
    let site: ServedSite;
    let page: Page;
    let picture: number[];
    let explanation: Awaited<ReturnType<Awaited<ReturnType<typeof createClearmaps>>['explain']>>;
    beforeAll(async () => {
      site = await serveSite();
      page = await site.open();
      await mapShown(page);
      await draw(page, SEVEN);
      await verdict(page, 'It sees a 7');
      await page.waitForTimeout(300);
      picture = await page.evaluate(() =>
        [...document.querySelector('clear-map')!.picture!.data].filter((_, i) => i % 4 === 0),
      );
      const cm = await createClearmaps({ model: await readBundledModel('mnist'), backends: [wasm()] });
      explanation = await cm.explain(Float32Array.from(picture, (byte) => byte / 255));
      await cm.dispose();
    });
    afterAll(() => site?.close());

    async function download(button: string): Promise<{ name: string; bytes: Buffer }> {
      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: button }).click();
      const file = await coming;
      return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
    }

    test('responses.npy holds the responses of the package, [10, 28, 28]', async () => {
      const { name, bytes } = await download('Responses (.npy)');
      expect(name).toBe('responses.npy');
      // NumPy's format 1.0: magic, version, length of the header, header, values.
      expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0]));
      const start = 10 + bytes.readUInt16LE(8);
      expect(bytes.subarray(10, start).toString()).toMatch(
        /'descr': '<f4', 'fortran_order': False, 'shape': \(10, 28, 28\)/,
      );
      const values = Float32Array.from({ length: (bytes.length - start) / 4 }, (_, i) =>
        bytes.readFloatLE(start + 4 * i),
      );
      expectClose(values, explanation.maps);
    });

    test('responses.json holds the same, the dominant classes, and the probabilities', async () => {
      const { name, bytes } = await download('Responses (JSON)');
      const record = JSON.parse(bytes.toString());
      expect(name).toBe('responses.json');
      expect(record).toMatchObject({ rule: 'guided', seed: 'positive', shape: [10, 28, 28] });
      expectClose(record.maps, explanation.maps);
      expectClose(record.dominantResponse, explanation.dominantResponse);
      expectClose(
        record.classes.map((c: { probability: number }) => c.probability),
        explanation.probabilities,
      );
      // Rounding may turn near ties.
      const others = explanation.dominantClass.filter((c, i) => c !== record.dominantClass[i]).length;
      expect(others).toBeLessThan(8);
    });

    test('clear-map.png shows picture, maps and legend as the package draws them', async () => {
      const { bytes: json } = await download('Responses (JSON)');
      const record = JSON.parse(json.toString());
      const { name, bytes } = await download('Picture with legend (PNG)');
      expect(name).toBe('clear-map.png');
      const shown = await page.evaluate(async (base64) => {
        const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
        const bitmap = await createImageBitmap(blob);
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        return {
          width: bitmap.width,
          data: [...context.getImageData(0, 0, bitmap.width, bitmap.height).data],
        };
      }, bytes.toString('base64'));
      const palette = classPalette(10);
      const dominant = {
        dominantClass: Int32Array.from(record.dominantClass as number[]),
        dominantResponse: Float32Array.from(record.dominantResponse as number[]),
      };
      const map = clearMap({ ...dominant, width: 28, height: 28, palette });
      expect(holds(shown, map)).toBe(true);
      expect(holds(shown, pictureRaster({ data: Uint8Array.from(picture), shape: [28, 28, 1] }))).toBe(true);
      const colors = new Set<string>();
      for (let i = 0; i < shown.data.length; i += 4) colors.add(shown.data.slice(i, i + 3).join());
      for (let c = 0; c < 10; c++) {
        const rgb = [1, 3, 5].map((at) => Number.parseInt(classHex(palette, c).slice(at, at + 2), 16));
        expect(colors, `the legend's colour of class ${c}`).toContain(rgb.join());
      }
    });

    test('no page has said an error in its console', () => {
      expect(site.errors).toEqual([]);
    });
  },
);

interface Pixels {
  readonly width: number;
  readonly data: ArrayLike<number>;
}

/** Whether the sheet shows a picture, enlarged by a whole number, somewhere. */
function holds(sheet: Pixels, picture: Pixels): boolean {
  const height = picture.data.length / 4 / picture.width;
  const rows = sheet.data.length / 4 / sheet.width;
  for (let scale = 1; scale * picture.width <= sheet.width; scale++) {
    for (let top = 0; top + scale * height <= rows; top++) {
      for (let left = 0; left + scale * picture.width <= sheet.width; left++) {
        if (isAt(sheet, picture, { left, top, scale, height })) return true;
      }
    }
  }
  return false;
}

function isAt(
  sheet: Pixels,
  picture: Pixels,
  { left, top, scale, height }: { left: number; top: number; scale: number; height: number },
): boolean {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const there = 4 * ((top + y * scale) * sheet.width + left + x * scale);
      const here = 4 * (y * picture.width + x);
      for (let c = 0; c < 3; c++)
        if (Math.abs(sheet.data[there + c]! - picture.data[here + c]!) > 1) return false;
    }
  }
  return true;
}
