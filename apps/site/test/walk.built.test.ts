import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, draw, mapShown, SEVEN, type ServedSite, serveSite, verdict } from './serve-site.ts';
import { absent, CHIHUAHUA, SQUEEZENET } from './shared-photos.ts';

const skipped = chromiumPath === undefined;

/** Milliseconds: plain JavaScript, and a net of a thousand classes, take their time on a machine that has other work. */
const SLOW = 300_000;

/** What the panel shows at one stop. */
interface Shown {
  readonly title: string;
  readonly text: string;
  readonly value: string;
  /** Different colours in the large map. */
  readonly colors: number;
  readonly map: number[];
  readonly parts: string[];
  /** Different colours in each drawing of switches that is shown; none where there is no pooling. */
  readonly switchColors: number[];
}

async function shown(page: Page): Promise<Shown> {
  await page.waitForFunction(() => document.querySelector('#walk-body')!.ariaBusy !== 'true');
  return page.evaluate(async () => {
    const map = document.querySelector<HTMLElementTagNameMap['clear-map']>('#step-map')!;
    await map.updateComplete;
    const colorsOf = (canvas: HTMLCanvasElement): number => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    };
    const figure = document.querySelector<HTMLElement>('#switches')!;
    const drawings = figure.hidden
      ? []
      : [...figure.querySelectorAll<HTMLCanvasElement>('canvas:not([hidden])')];
    const text = (selector: string): string => document.querySelector(selector)!.textContent!;
    return {
      title: text('#step-title'),
      text: text('#step-text'),
      value: document.querySelector('#step')!.getAttribute('aria-valuetext')!,
      colors: colorsOf(map.shadowRoot!.querySelector('canvas')!),
      map: [...map.explanation!.maps],
      parts: [...document.querySelectorAll('#step-parts:not([hidden]) button')].map(
        (part) => (part as HTMLElement).title,
      ),
      switchColors: drawings.map(colorsOf),
    };
  });
}

/** Opens the panel, and goes through all stops by the button. */
async function walkThrough(page: Page): Promise<Shown[]> {
  await page.locator('#stepping > summary').click();
  await page.waitForFunction(() => document.querySelector('#step-title')!.textContent !== '');
  const count = 1 + Number(await page.getAttribute('#step', 'max'));
  const stops = [await shown(page)];
  while (stops.length < count) {
    await page.locator('#walk-on').click();
    stops.push(await shown(page));
  }
  expect(await page.locator('#walk-on').isDisabled()).toBe(true);
  return stops;
}

/** Waits until no more maps come: that of the last stroke is there. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const map = document.querySelector('clear-map')!;
    const before = map.explanation;
    return new Promise((resolve) => setTimeout(() => resolve(map.explanation === before), 1000));
  });
}

/** The map of the class as the rest of the page has it. */
function mapOf(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const { explanation } = document.querySelector('clear-map')!;
    const target = document.querySelector<HTMLElementTagNameMap['clear-map']>('#step-map')!.target!;
    const [, height, width] = explanation!.shape;
    const row = explanation!.classes.indexOf(target);
    return [...explanation!.maps.slice(row * height * width, (row + 1) * height * width)];
  });
}

function expectEqualMaps(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  const strongest = Math.max(...expected.map(Math.abs));
  expect(strongest).toBeGreaterThan(0);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
  expect(worst).toBeLessThan(1e-5 * strongest);
}

describe.skipIf(skipped)(
  `the way back, step by step, in Chromium${skipped ? ' [SKIPPED: there is no Chromium]' : ''}`,
  () => {
    let site: ServedSite;
    beforeAll(async () => {
      site = await serveSite();
    });
    afterAll(() => site?.close());

    test('of a drawn 7: no stop is blank, pools show their switches, and the last stop is the map', async () => {
      const page = await site.open();
      await mapShown(page);
      await draw(page, SEVEN);
      await verdict(page, 'It sees a 7');
      const stops = await walkThrough(page);
      expect(stops.length).toBeGreaterThan(10);
      for (const { title, colors, text, switchColors } of stops) {
        expect(colors, title).toBeGreaterThan(1);
        expect(text.length, title).toBeGreaterThan(20);
        expect(switchColors.length > 0, title).toBe(title.includes('max pooling'));
        // Paper, grid, idle switches, and those that let something through.
        for (const found of switchColors) expect(found, title).toBeGreaterThan(3);
      }
      expect(stops.filter(({ switchColors }) => switchColors.length > 0).length).toBeGreaterThan(0);
      expect(stops[0]!.text).toContain('starts here');
      expect(stops.at(-1)!.title).toBe('The pixels');
      expectEqualMaps(stops.at(-1)!.map, await mapOf(page));
      await page.context().close();
    });

    test('by keyboard, to any class: arrows walk, a channel is looked at, and the map follows the class', async () => {
      const page = await site.open();
      await mapShown(page);
      await page.locator('#stepping > summary').press('Enter');
      await page.waitForFunction(() => document.querySelector('#step-title')!.textContent !== '');
      await page.locator('#step').focus();
      await page.keyboard.press('ArrowRight');
      const second = await shown(page);
      expect(second.value).toMatch(/, stop 2 of \d+$/);
      await page.keyboard.press('Home');
      for (let i = 0; !(await page.locator('#switches').isVisible()); i++) {
        expect(i).toBeLessThan(40);
        await page.keyboard.press('ArrowRight');
      }
      const sum = await shown(page);
      await page.locator('#step-channels button').nth(2).focus();
      await page.keyboard.press('Enter');
      const one = await shown(page);
      expect(one.map).not.toEqual(sum.map);
      // The tiles are new; the one that was pressed still has the focus.
      expect(await page.evaluate(() => document.activeElement!.ariaPressed)).toBe('true');
      expect(await page.getAttribute('#switch-arrows', 'aria-label')).toMatch(
        /^Switches of .+, channel \d+: [1-9]\d* windows, [1-9]/,
      );
      await page.locator('#step').press('End');
      await page.selectOption('#walk-class', '8');
      await page.waitForFunction(
        () => document.querySelector<HTMLElementTagNameMap['clear-map']>('#step-map')!.target === 8,
      );
      expectEqualMaps((await shown(page)).map, await mapOf(page));
      expect(await page.inputValue('#target')).toBe('8');
      await page.context().close();
    });

    test('a backend is compared with the reference, switch by switch', { timeout: SLOW }, async () => {
      const page = await site.open();
      await mapShown(page);
      page.setDefaultTimeout(SLOW);
      await draw(page, SEVEN);
      await verdict(page, 'It sees a 7');
      await settled(page);
      await page.getByRole('button', { name: 'Compare them' }).click();
      await page.waitForSelector('#parity:not([hidden])');
      expect(await page.locator('#parity').textContent()).toMatch(
        /^✓ WebAssembly, on this picture: \d\.\de[-+]\d+ from the reference at most, switches all [1-9][\d,]+ equal$/,
      );
      const rows = await page.locator('#comparison tr').allTextContents();
      expect(rows[0]).toMatch(/JavaScript.*the reference.*✓ right/);
      expect(rows[1]).toMatch(/WebAssembly.*all [\d,]+ equal.*✓ right/);
      // Another picture: what is known of the last one no longer holds.
      await page.locator('#clear-pad').click();
      await page.waitForSelector('#parity', { state: 'hidden' });
      await page.context().close();
    });

    test.skipIf(absent)(
      `of SqueezeNet, which branches: no stop is blank, joins show their parts, and the last stop is the map${absent}`,
      { timeout: SLOW },
      async () => {
        const page = await site.open();
        page.setDefaultTimeout(SLOW);
        await page
          .context()
          .route('**/models/squeezenet1.1/*', (route) =>
            route.fulfill({ path: join(SQUEEZENET, route.request().url().split('/').at(-1)!) }),
          );
        await page.getByRole('button', { name: 'Photos' }).click();
        await page.getByRole('button', { name: 'Load it' }).click();
        await page.waitForFunction(() =>
          document.querySelector('#model-status')!.textContent!.includes('layers'),
        );
        await page.setInputFiles('#picture-file', CHIHUAHUA);
        await verdict(page, 'Chihuahua');
        const stops = await walkThrough(page);
        // Eight fire modules of seven layers each, and more.
        expect(stops.length).toBeGreaterThan(60);
        for (const { title, colors, parts, switchColors } of stops) {
          expect(colors, title).toBeGreaterThan(1);
          expect(parts.length, title).toBe(title.includes('concatenation') ? 2 : 0);
          expect(switchColors.length, title).toBe(
            title.includes('max pooling') ? (switchColors.length > 1 ? 2 : 1) : 0,
          );
        }
        expect(stops.filter(({ parts }) => parts.length === 2)).toHaveLength(8);
        expect(stops.filter(({ switchColors }) => switchColors.length > 0)).toHaveLength(3);
        expect(stops.filter(({ text }) => /arrives here, and is added up/.test(text))).toHaveLength(8);
        expectEqualMaps(stops.at(-1)!.map, await mapOf(page));
        // A press on a part goes to the layer that it came from.
        const at = stops.findIndex(({ parts }) => parts.length === 2);
        await page.locator('#step').fill(String(at));
        await page.locator('#step-parts button').first().click();
        expect(stops[at]!.parts[0]).toContain((await shown(page)).title.split(',')[0]!);
        await page.context().close();
      },
    );

    test('no page has said an error in its console', () => {
      expect(site.errors).toEqual([]);
    });
  },
);
