import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, mapShown, type ServedSite, serveSite, verdict } from './serve-site.ts';

const skipped = chromiumPath === undefined;

describe.skipIf(skipped)(
  `looking at a map in Chromium${skipped ? ' [SKIPPED: there is no Chromium]' : ''}`,
  () => {
    let site: ServedSite;
    beforeAll(async () => {
      site = await serveSite();
    });
    afterAll(() => site?.close());

    test('the keyboard alone reaches every control of the looks', async () => {
      const page = await site.open();
      await verdict(page, 'It sees a 3');
      const press = (...keys: string[]) => each(keys, (key) => page.keyboard.press(key));
      const whole = await pixels(page);

      await tabTo(page, '#map');
      await press('ArrowRight', 'Shift+ArrowDown');
      await page.waitForFunction(() =>
        document.querySelector('#classes-title')!.textContent!.startsWith('Here: '),
      );
      expect(await page.evaluate(() => document.querySelector('clear-map')!.cursor)).toEqual({
        x: 15,
        y: 24,
      });
      await press('Escape');
      await verdict(page, 'It sees a 3');

      await tabTo(page, '#classes li:nth-child(3) .class-name');
      await press('Enter');
      expect(await pressed(page, '#classes li:nth-child(3) .class-name')).toBe('true');
      await tabTo(page, '#classes li:nth-child(4) .only');
      await press('Space');
      expect(await pressed(page, '#classes li:nth-child(3) .class-name')).toBe('false');
      expect(await pressed(page, '#classes li:nth-child(4) .only')).toBe('true');
      expect(await pixels(page)).not.toEqual(whole);
      await press('Space');
      expect(await pressed(page, '#classes li:nth-child(4) .only')).toBe('false');
      expect(await pixels(page)).toEqual(whole);
      await tabTo(page, '#classes li:nth-child(4) .eye');
      await press('Space');
      expect(await pressed(page, '#classes li:nth-child(4) .eye')).toBe('true');
      expect(await pixels(page)).not.toEqual(whole);
      await tabTo(page, '#reset-classes');
      await press('Enter');
      expect(await pixels(page)).toEqual(whole);

      await tabTo(page, '.tile:nth-child(3) .tile-title');
      await press('Enter');
      expect(await page.locator('#map').getAttribute('view')).toBe('heatmap');
      await tabTo(page, '#palette');
      await press('ArrowDown');
      expect(await page.inputValue('#palette')).toBe('okabe-ito');
      await tabTo(page, '#scale');
      await press('ArrowDown');
      expect(await page.inputValue('#scale')).toBe('percentile');
      const before = await pixels(page);
      await tabTo(page, '#target');
      await press('ArrowDown');
      expect(await page.inputValue('#target')).toBe('0');
      expect(await pixels(page)).not.toEqual(before);
      await tabTo(page, '#opacity');
      await press('ArrowLeft', 'ArrowLeft');
      expect(await page.inputValue('#opacity')).toBe('0.8');
      await tabTo(page, '#all-responses > summary');
      await press('Enter');
      await page.waitForFunction(() => document.querySelectorAll('#responses clear-map').length === 10);
      await page.context().close();
    });

    test('a finger sees a class alone by its ring, and all of them again', async () => {
      const page = await site.open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
      await verdict(page, 'It sees a 3');
      const whole = await pixels(page);
      const ring = page.locator('#classes li:nth-child(6) .only');
      const { width, height } = (await ring.boundingBox())!;
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(40);
      await ring.tap();
      expect(await ring.getAttribute('aria-pressed')).toBe('true');
      const alone = await page.evaluate(() => {
        const element = document.querySelector('clear-map')!;
        return element.read({ x: 12, y: 12 })!.responses.map(({ classIndex }) => classIndex);
      });
      expect(alone).toEqual([5]);
      expect(await pixels(page)).not.toEqual(whole);
      await ring.tap();
      expect(await pixels(page)).toEqual(whole);
      await page.context().close();
    });

    test('light or dark: as the system has it, as the visitor says, and so again at the next visit', async () => {
      const page = await site.open({ colorScheme: 'light' });
      const paper = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await paper();
      await page.getByRole('button', { name: 'Light or dark' }).click();
      const dark = await paper();
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await paper()).toBe(dark);
      await page.getByRole('button', { name: 'Light or dark' }).click();
      expect(await paper()).toBe(light);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await paper()).toBe(light);
      await page.context().close();
    });

    test.each([
      ['a phone', { width: 390, height: 844 }],
      ['a desktop', { width: 1280, height: 800 }],
    ])('on %s nothing moves by itself while the page comes up and a digit is drawn', async (_, viewport) => {
      const page = await site.open({ viewport, before: [watchShifts] });
      await verdict(page, 'It sees a 3');
      await page.waitForTimeout(500);
      expect(await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)).toEqual([]);
      await page.context().close();
    });

    test('the tabs change places without a console error, and each is itself again', async () => {
      const page = await site.open();
      await mapShown(page);
      for (const [tab, channels] of [
        ['House numbers', 3],
        ['Digits', 1],
        ['House numbers', 3],
      ] as const) {
        await page.getByRole('button', { name: tab }).click();
        await mapShown(page, channels);
      }
      expect(site.errors).toEqual([]);
      await page.context().close();
    });
  },
);

/** Presses Tab until this has the focus, as often as there may be controls. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
  }
  throw new Error(`no Tab leads to ${selector}`);
}

async function each(keys: readonly string[], act: (key: string) => Promise<void>): Promise<void> {
  for (const key of keys) await act(key);
}

function pressed(page: Page, selector: string): Promise<string | null> {
  return page.locator(selector).getAttribute('aria-pressed');
}

/** Those of the large map, once it has drawn what it was told last. */
function pixels(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const map = document.querySelector('clear-map')!;
    await map.updateComplete;
    const canvas = map.shadowRoot!.querySelector('canvas')!;
    return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
  });
}

/** Runs in the page: notes every shift of its layout that no press has brought. */
function watchShifts(): void {
  const shifts: number[] = [];
  Object.assign(window, { shifts });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
    })[]) {
      if (!entry.hadRecentInput) shifts.push(entry.value);
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
