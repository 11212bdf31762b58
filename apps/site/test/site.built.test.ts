import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundledModelFolder, readBundledModel } from '@clearmaps/models/node';
import { createClearmaps } from 'clearmaps';
import { cpu } from 'clearmaps/cpu';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from './find-violations.ts';
import {
  chromiumPath,
  DIST,
  draw,
  mapShown,
  SEVEN,
  type ServedSite,
  serveSite,
  verdict,
} from './serve-site.ts';

const skipped = chromiumPath === undefined;
const MOST_BYTES = 1_500_000;

describe.skipIf(skipped)(
  `the built site in Chromium${skipped ? ' [SKIPPED: there is no Chromium]' : ''}`,
  () => {
    let site: ServedSite;
    beforeAll(async () => {
      site = await serveSite();
    });
    afterAll(() => site?.close());

    test('the first visit, its network, WebAssembly and the copies for offline included, takes less than 1.5 MB', async () => {
      const page = await site.open();
      await mapShown(page);
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      const files = [...site.asked].filter((name) => name !== 'favicon.ico');
      expect(files.some((name) => name.endsWith('.wasm'))).toBe(true);
      expect(files.some((name) => name.endsWith('.bin'))).toBe(true);
      const bytes = files.map((name) => gzipSync(readFileSync(join(DIST, name))).length);
      expect(bytes.reduce((a, b) => a + b)).toBeLessThan(MOST_BYTES);
      await page.context().close();
    });

    test('a drawn 7 is seen as a 7, and a pixel reads as the package says', async () => {
      const page = await site.open();
      await mapShown(page);
      await draw(page, SEVEN);
      await verdict(page, 'It sees a 7');
      // The page itself has its hands free for the pen; how free, the benchmark tells.
      expect(page.workers().some((worker) => worker.url().includes('clear-worker'))).toBe(true);
      const map = page.locator('#map');
      const box = (await map.boundingBox())!;
      // Column 16 of 28, row 10.
      await page.mouse.move(box.x + (16.5 / 28) * box.width, box.y + (10.5 / 28) * box.height);
      await page.waitForFunction(() =>
        document.querySelector('#classes-title')!.textContent!.startsWith('Here: '),
      );
      const shown = await page.evaluate(() => {
        const element = document.querySelector('clear-map')!;
        const canvas = element.shadowRoot!.querySelector('canvas')!;
        const pixels = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;
        return {
          cursor: element.cursor,
          picture: [...element.picture!.data].filter((_, i) => i % 4 === 0),
          lit: pixels.filter((value, i) => i % 4 < 3 && value > 100).length,
          values: [...document.querySelectorAll('#classes .value')].map((value) =>
            Number(value.textContent!.replaceAll(',', '')),
          ),
          read: element.read({ x: 16, y: 10 })!,
        };
      });
      expect(shown.cursor).toEqual({ x: 16, y: 10 });
      expect(shown.lit).toBeGreaterThan(10);

      const cm = await createClearmaps({ model: await readBundledModel('mnist'), backends: [cpu()] });
      const { maps } = await cm.explain(
        Float32Array.from(shown.picture, (byte) => byte / 255),
        { rule: 'guided' },
      );
      await cm.dispose();
      const expected = Array.from({ length: 10 }, (_, c) => maps[c * 784 + 10 * 28 + 16]!);
      const strongest = Math.max(...expected.map(Math.abs));
      expect(strongest).toBeGreaterThan(0);
      for (const [c, value] of expected.entries()) {
        const read = shown.read.responses.find(({ classIndex }) => classIndex === c)!.response;
        expect(Math.abs(read - value)).toBeLessThan(1e-4 * strongest);
        expect(shown.values[c]).toBe(Number(read.toPrecision(2)));
      }
      expect(shown.read.winner!.response).toBe(
        Math.max(...shown.read.responses.map(({ response }) => response)),
      );
      await page.context().close();
    });

    test('the keyboard draws too: a one, by arrow keys', async () => {
      const page = await site.open();
      await mapShown(page);
      await page.locator('#pad').focus();
      await page.keyboard.press('Delete');
      await verdict(page, 'Draw a digit');
      for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowUp');
      await page.keyboard.press('Space');
      for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Space');
      await verdict(page, 'It sees a 1');
      await page.context().close();
    });

    test('another backend gives the same map, and one that is missing says why', async () => {
      const page = await site.open();
      await mapShown(page);
      expect(await page.locator('#skipped').textContent()).toMatch(/WebGPU was passed over: .+/);
      const maps = (): Promise<number[]> =>
        page.evaluate(() => [...document.querySelector('clear-map')!.explanation!.maps]);
      const reference = await maps();
      const strongest = Math.max(...reference);
      for (const label of ['JavaScript', ...((await hasGpu(page)) ? ['WebGPU'] : [])]) {
        await page.getByRole('button', { name: label, exact: true }).click();
        await page.waitForFunction(
          (name) => document.querySelector('#timing')!.textContent!.startsWith(`${name},`),
          label,
        );
        const worst = (await maps()).reduce((most, v, i) => Math.max(most, Math.abs(v - reference[i]!)), 0);
        expect(worst / strongest).toBeLessThan(1e-4);
      }
      await page.context().close();
    });

    test('a broken model is refused in words', async () => {
      const page = await site.open();
      await mapShown(page);
      await page.getByRole('button', { name: 'Photos' }).click();
      const give = (name: string, text: string) =>
        page.setInputFiles('#model-files', [
          { name, mimeType: 'application/json', buffer: Buffer.from(text) },
        ]);
      await give('model.json', '{"modelTopology":');
      await page.waitForSelector('#problem:not([hidden])');
      expect(await page.locator('#problem-text').textContent()).toContain('damaged or cut short');
      await give('model.json', '{"weightsManifest":[{"paths":["weights.bin"],"weights":[]}]}');
      await page.waitForFunction(() =>
        document.querySelector('#problem-text')!.textContent!.includes('weights.bin'),
      );
      await page.getByRole('button', { name: 'Digits' }).click();
      await verdict(page, 'It sees a 3');
      await page.context().close();
    });

    test('a network of one’s own explains a picture of one’s own, and reports its layers', async () => {
      const page = await site.open();
      await page.getByRole('button', { name: 'Photos' }).click();
      const folder = bundledModelFolder('svhn');
      await page.setInputFiles(
        '#model-files',
        ['model.json', 'weights.bin'].map((name) => join(folder, name)),
      );
      await page.waitForFunction(() =>
        document.querySelector('#model-status')!.textContent!.includes('layers'),
      );
      expect(await page.locator('#layer-report tbody tr').count()).toBe(21);
      expect(await page.locator('#layer-report .feature-map').textContent()).toContain('conv_9');
      await page.setInputFiles('#picture-file', join(DIST, '../../../docs/images/sheet.png'));
      await mapShown(page, 3);
      await page.setInputFiles('#picture-file', join(DIST, 'index.html'));
      await page.waitForSelector('#problem:not([hidden])');
      expect(await page.locator('#problem-text').textContent()).toContain('cannot read as a picture');
      await page.context().close();
    });

    test('a link restores the drawing and the view', async () => {
      const page = await site.open();
      await mapShown(page);
      await draw(page, SEVEN);
      await verdict(page, 'It sees a 7');
      await page.selectOption('#palette', 'safe-ten');
      await page.getByRole('button', { name: 'Heatmap' }).click();
      await page.getByRole('button', { name: 'Copy a link to this view' }).click();
      await page.waitForFunction(() => location.hash.length > 1);
      const { hash } = new URL(page.url());
      const pixels = (p: Page): Promise<number[]> =>
        p.evaluate(() => {
          const canvas = document.querySelector('clear-map')!.shadowRoot!.querySelector('canvas')!;
          return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
        });
      const before = await pixels(page);
      const again = await site.open({ hash });
      await verdict(again, 'It sees a 7');
      expect(await again.locator('#map').getAttribute('view')).toBe('heatmap');
      expect(await again.inputValue('#palette')).toBe('safe-ten');
      expect(await pixels(again)).toEqual(before);
      await again.context().close();
      const cut = await site.open({ hash: hash.slice(0, -30) });
      await cut.waitForSelector('#problem:not([hidden])');
      expect(await cut.locator('#problem-text').textContent()).toContain('link');
      await mapShown(cut);
      await Promise.all([page, cut].map((p) => p.context().close()));
    });

    test('a link without a picture shows the first house number, or asks for a photo', async () => {
      const page = await site.open({ hash: '#net=svhn' });
      await mapShown(page, 3);
      await verdict(page, 'It sees a 0');
      const photos = await site.open({ hash: '#net=own' });
      await verdict(photos, 'Choose a picture');
      await Promise.all([page, photos].map((p) => p.context().close()));
    });

    test('after one visit it works without a network, house numbers too', async () => {
      const page = await site.open();
      await mapShown(page);
      const networksKept = (): Promise<number> =>
        page.evaluate(async () => {
          const caches = await Promise.all(
            (await window.caches.keys()).map((name) => window.caches.open(name)),
          );
          const kept = await Promise.all(caches.map((cache) => cache.keys()));
          return kept.flat().filter(({ url }) => url.endsWith('.bin')).length;
        });
      await expect.poll(networksKept, { timeout: 240_000, interval: 200 }).toBe(2);
      await page.context().setOffline(true);
      await page.reload();
      await mapShown(page);
      await draw(page, SEVEN);
      await verdict(page, 'It sees a 7');
      await page.getByRole('button', { name: 'House numbers' }).click();
      await mapShown(page, 3);
      await page.context().close();
    });

    test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
      const page = await site.open({ colorScheme });
      await mapShown(page);
      for (const id of ['erasing', 'randomising', 'stepping', 'all-responses']) {
        await page.locator(`#${id} > summary`).click();
      }
      for (const tab of ['Digits', 'Photos', 'House numbers']) {
        await page.getByRole('button', { name: tab }).click();
        if (tab !== 'Photos') await mapShown(page, tab === 'Digits' ? 1 : 3);
        expect(await findViolations(page)).toEqual([]);
      }
      await page.context().close();
    });

    test('a phone needs no sideways scrolling', async () => {
      const page = await site.open({ viewport: { width: 390, height: 844 } });
      await mapShown(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await page.context().close();
    });

    test('no page has said an error in its console', () => {
      expect(site.errors).toEqual([]);
    });
  },
);

/** CI sets CLEARMAPS_REQUIRE_WEBGPU: there an adapter has to be. */
async function hasGpu(page: Page): Promise<boolean> {
  const found = await page.evaluate(async () => {
    const adapter = await (navigator as { gpu?: GPU }).gpu?.requestAdapter();
    return Boolean(adapter);
  });
  if (!found && process.env.CLEARMAPS_REQUIRE_WEBGPU) throw new Error('Chromium offers no WebGPU adapter');
  return found;
}
