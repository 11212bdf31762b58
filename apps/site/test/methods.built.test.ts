import { readBundledMnist } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { choicesOf, createMethod, METHOD_NAMES, METHODS, type MethodName } from '@clearmaps/methods';
import { preprocess } from '@clearmaps/models';
import { readBundledModel } from '@clearmaps/models/node';
import { type Clearmaps, createClearmaps } from 'clearmaps';
import { wasm } from 'clearmaps/wasm';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepRule } from '../src/methods/sweep-rule.ts';
import { expectClose } from './expect-close.ts';
import { findViolations } from './find-violations.ts';
import { MODEL_FILES } from './model-files.ts';
import { chromiumPath, draw, mapShown, SEVEN, type ServedSite, serveSite, verdict } from './serve-site.ts';

const skipped = chromiumPath === undefined;

/** Milliseconds: a method may take a hundred passes, and a machine may have other work. */
const SLOW = 600_000;

/** What the command line learns from, too. */
const LEARNED_FROM = 500;

const open = (model: LayerGraph): Promise<Clearmaps> => createClearmaps({ model, backends: [wasm()] });

describe.skipIf(skipped)(
  `every method in Chromium${skipped ? ' [SKIPPED: there is no Chromium]' : ''}`,
  () => {
    let site: ServedSite;
    beforeAll(async () => {
      site = await serveSite();
    });
    afterAll(() => site?.close());

    test('their code is no part of a visit that asks for none of them', async () => {
      const page = await site.open({ serviceWorkers: 'block' });
      await mapShown(page);
      const loaded = (): Promise<boolean> =>
        page.evaluate(() =>
          performance.getEntriesByType('resource').some(({ name }) => name.includes('every-method')),
        );
      expect(await loaded()).toBe(false);
      await openMore(page);
      expect(await loaded()).toBe(true);
      await page.context().close();
    });

    describe('of a drawn 7', () => {
      let page: Page;
      let model: LayerGraph;
      let engine: Clearmaps;
      let image: Float32Array;
      let reference: Float32Array;
      beforeAll(async () => {
        page = await site.open({ hash: '#backend=wasm' });
        await mapShown(page);
        await draw(page, SEVEN);
        await verdict(page, 'It sees a 7');
        await openMore(page);
        model = await readBundledModel('mnist');
        engine = await open(model);
        const input = (data: Uint8Array): Float32Array =>
          preprocess({ data, width: 28, height: 28, channels: 1 }, model.preprocessing!, model.inputShape);
        const digits = await readBundledMnist({ from: import.meta.url });
        reference = new Float32Array(LEARNED_FROM * 784);
        for (let i = 0; i < LEARNED_FROM; i++) {
          reference.set(input(digits.images.subarray(i * 784, (i + 1) * 784)), i * 784);
        }
        await page.waitForTimeout(500);
        image = input(
          Uint8Array.from(
            await page.evaluate(() =>
              [...document.querySelector('clear-map')!.picture!.data].filter((_, i) => i % 4 === 0),
            ),
          ),
        );
      });
      afterAll(async () => {
        await engine?.dispose();
        await page?.context().close();
      });

      // The last one first: the page begins with `guided`.
      test.each(METHOD_NAMES.toReversed())(
        'the map by %s is that of the packages',
        { timeout: SLOW },
        async (method) => {
          const maps = await choose(page, method);
          const running = await createMethod({ method, graph: model, engine, open, reference });
          const expected = await running.explain(image);
          await running.dispose();
          expectClose(maps, expected.maps);
          expect(await page.locator('#completeness').isVisible()).toBe('completenessError' in expected);
          expect(await page.locator('#method-name').textContent()).toBe(method);
          expect((await page.locator('#method-text').textContent())!.length).toBeGreaterThan(20);
          const takesSeed = 'seed' in METHODS[method].options;
          expect(takesSeed).toBe(sweepRule(method) !== undefined);
          expect(await page.locator('#seeds button').first().isEnabled()).toBe(takesSeed);
          await page.waitForFunction(
            (name) => document.querySelector('#snippet')!.textContent!.includes(`'${name}'`),
            method,
          );
        },
      );
    });

    test('an option is set in its field, is refused in words, and is in the link', async () => {
      const page = await site.open();
      await mapShown(page);
      await openMore(page);
      await choose(page, 'occlusion');
      const before = await explanationOf(page);
      await windowOf(page).fill('9');
      await page.keyboard.press('Enter');
      await before.replaced();
      await page.waitForFunction(() =>
        document.querySelector('#snippet')!.textContent!.includes('window: 9'),
      );
      await windowOf(page).fill('0');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#problem:not([hidden])');
      expect(await page.locator('#problem-text').textContent()).toContain('whole numbers from 1');
      expect(await windowOf(page).inputValue()).toBe('9');
      await page.getByRole('button', { name: 'Copy a link to this view' }).click();
      await page.waitForFunction(() => location.hash.length > 1);
      const { hash } = new URL(page.url());
      const maps = await mapsOf(page);
      const again = await site.open({ hash });
      await mapShown(again);
      expectClose(await mapsOf(again), maps);
      expect(await pressed(again)).toBe('occlusion');
      await expect.poll(() => windowOf(again).inputValue()).toBe('9');
      await Promise.all([page, again].map((one) => one.context().close()));
    });

    test('the layer of Grad-CAM is one of those at which the net falls in two: by keyboard, in the link', async () => {
      const model = await readBundledModel('mnist');
      const page = await site.open({ hash: '#backend=wasm' });
      await mapShown(page);
      await openMore(page);
      await choose(page, 'grad-cam');
      const layers = choicesOf(METHODS['grad-cam'].options.layer, model)!;
      expect(await layerOf(page).locator('option').allTextContents()).toEqual(['auto', ...layers]);
      expect(await layerOf(page).inputValue()).toBe('');
      const before = await explanationOf(page);
      await page.getByRole('combobox', { name: /^layer/ }).focus();
      await page.keyboard.press('ArrowDown');
      await before.replaced();
      expect(await layerOf(page).inputValue()).toBe('conv_1');
      await page.waitForFunction(() =>
        document.querySelector('#snippet')!.textContent!.includes("options: { layer: 'conv_1' }"),
      );
      await page.getByRole('button', { name: 'Copy a link to this view' }).click();
      await page.waitForFunction(() => location.hash.length > 1);
      const { hash } = new URL(page.url());
      expect(new URLSearchParams(hash.slice(1)).get('set')).toBe('layer=conv_1');
      const maps = await mapsOf(page);
      const again = await site.open({ hash });
      await mapShown(again);
      expectClose(await mapsOf(again), maps);
      await expect.poll(() => layerOf(again).inputValue()).toBe('conv_1');

      const engine = await open(model);
      const running = await createMethod({
        method: 'grad-cam',
        graph: model,
        engine,
        open,
        options: { layer: 'conv_1' },
      });
      const shown = await page.evaluate(() =>
        [...document.querySelector('clear-map')!.picture!.data].filter((_, i) => i % 4 === 0),
      );
      const picture = { data: Uint8Array.from(shown), width: 28, height: 28, channels: 1 } as const;
      const expected = await running.explain(preprocess(picture, model.preprocessing!, model.inputShape));
      expectClose(maps, expected.maps);
      await Promise.all([running.dispose(), engine.dispose()]);

      const auto = await explanationOf(again);
      await layerOf(again).selectOption('auto');
      await auto.replaced();
      await Promise.all([page, again].map((one) => one.context().close()));
    });

    test('a network without the layer that was chosen has its own, and its map by the method’s', async () => {
      const page = await site.open();
      await mapShown(page);
      await openMore(page);
      await choose(page, 'grad-cam');
      const before = await explanationOf(page);
      await layerOf(page).selectOption('conv_3');
      await before.replaced();
      await page.getByRole('button', { name: 'Photos' }).click();
      await openOwnNet(page);
      expect(await pressed(page)).toBe('grad-cam');
      expect(await page.locator('#problem-text').textContent()).toMatch(
        /grad-cam: layer got conv_3; allowed: (?!.*conv_3)/,
      );
      expect(await layerOf(page).inputValue()).toBe('');
      expect(await layerOf(page).locator('option').allTextContents()).not.toContain('conv_3');
      await page.context().close();
    });

    test('an old link opens, and an unknown method is refused in words', async () => {
      const old = await site.open({ hash: '#net=mnist&backend=auto&rule=linear&seed=unit&view=clear' });
      await mapShown(old);
      expect(await pressed(old)).toBe('linear');
      expect(await old.locator('#seeds [aria-pressed=true]').textContent()).toBe('unit');
      const unknown = await site.open({ hash: '#method=magic' });
      await unknown.waitForSelector('#problem:not([hidden])');
      expect(await unknown.locator('#problem-text').textContent()).toMatch(
        /"magic".*allowed: linear, deconvnet/s,
      );
      await mapShown(unknown);
      await Promise.all([old, unknown].map((one) => one.context().close()));
    });

    test('what takes long shows how far it is and stops, and the map before it is still there', async () => {
      const page = await site.open({ hash: '#backend=wasm' });
      await mapShown(page);
      await openMore(page);
      await page.waitForTimeout(500);
      const before = await explanationOf(page);
      await button(page, 'pda').click();
      // The chooser has a stop of its own: the large map is out of sight.
      const stop = page.locator('.method-map button');
      await stop.waitFor();
      await page.waitForFunction(() => document.querySelector<HTMLProgressElement>('#progress')!.value > 0);
      await stop.click();
      await page.waitForSelector('#working', { state: 'hidden' });
      expect(await pressed(page)).toBe('guided');
      expect(await before.isShown()).toBe(true);
      expect(await page.locator('#problem').isHidden()).toBe(true);
      await choose(page, 'cam');
      await page.context().close();
    });

    test('a slow method waits for the pen to rest, and then explains what has been drawn', {
      timeout: SLOW,
    }, async () => {
      const page = await site.open({ hash: '#backend=wasm&method=integrated-gradients' });
      await verdict(page, 'It sees a 3');
      await page.locator('#clear-pad').click();
      await verdict(page, 'Draw a digit');
      await draw(page, SEVEN);
      await verdict(page, 'It sees a 7');
      await page.context().close();
    });

    test('by keyboard: Tab leads to the families, and Enter chooses', async () => {
      const page = await site.open();
      await mapShown(page);
      await page.locator('#methods button').first().focus();
      await page.keyboard.press('Enter');
      expect(await pressed(page)).toBe('linear');
      for (let i = 0; i < FIRST_ROW; i++) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#families button');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => (document.activeElement as HTMLButtonElement).value)).toBe(
        'lrp-epsilon',
      );
      const before = await explanationOf(page);
      await page.keyboard.press('Space');
      await before.replaced();
      expect(await pressed(page)).toBe('lrp-epsilon');
      await page.context().close();
    });

    test('a network that a method does not fit says why, and the map before it stays', async () => {
      const page = await site.open();
      await page.getByRole('button', { name: 'Photos' }).click();
      await openOwnNet(page);
      await openMore(page);
      const pda = button(page, 'pda');
      expect(await pda.isDisabled()).toBe(true);
      expect(await page.locator('#method-missing').textContent()).toContain('pda first learns from pictures');
      const before = await explanationOf(page);
      await button(page, 'cam').click();
      await page.waitForSelector('#problem:not([hidden])');
      expect(await page.locator('#problem-text').textContent()).toMatch(
        /no mean of a map.*Grad-CAM takes any net/s,
      );
      expect(await pressed(page)).toBe('guided');
      expect(await before.isShown()).toBe(true);
      await choose(page, 'grad-cam');
      expect(await page.locator('#problem').isHidden()).toBe(true);
      await page.getByRole('button', { name: 'Digits' }).click();
      await mapShown(page);
      expect(await pda.isEnabled()).toBe(true);
      await page.context().close();
    });

    test('house numbers have drawings to learn from', { timeout: SLOW }, async () => {
      const page = await site.open({ hash: '#net=svhn&backend=wasm' });
      await page.locator('#samples-right button').first().click();
      await mapShown(page, 3);
      await openMore(page);
      const maps = await choose(page, 'pda');
      expect(maps.every(Number.isFinite)).toBe(true);
      expect(maps.some((value) => value !== 0)).toBe(true);
      await page.context().close();
    });

    test('the walk follows relevance, and says where there is none', async () => {
      const page = await site.open();
      await mapShown(page);
      await openMore(page);
      await page.locator('#stepping > summary').click();
      await page.waitForFunction(() => document.querySelector('#step-title')!.textContent !== '');
      await choose(page, 'lrp-epsilon-gamma-box');
      await page.waitForFunction(() =>
        document.querySelector('#step-text')!.textContent!.includes('(gamma)'),
      );
      await page.locator('#step').press('End');
      await page.locator('#walk-back').click();
      expect(await page.locator('#step-text').textContent()).toContain('(z-box)');
      await choose(page, 'cam');
      await page.waitForSelector('#no-walk:not([hidden])');
      expect(await page.locator('#no-walk').textContent()).toContain('no way to follow with cam');
      expect(await page.locator('#walk-body').isHidden()).toBe(true);
      await choose(page, 'guided');
      await page.waitForSelector('#no-walk', { state: 'hidden' });
      await page.context().close();
    });

    test('forgetting, taking away, comparing: all by the method that is chosen', {
      timeout: SLOW,
    }, async () => {
      const page = await site.open({ hash: '#backend=wasm' });
      page.setDefaultTimeout(SLOW);
      await mapShown(page);
      await openMore(page);
      const map = await choose(page, 'grad-cam');
      for (const id of ['erasing', 'randomising']) await page.locator(`#${id} > summary`).click();
      await page.waitForFunction(() => document.querySelector('#only-verdict')!.textContent !== '');
      const forgetful = (): Promise<number[]> =>
        page.evaluate(() => [
          ...(document.querySelector<HTMLElementTagNameMap['clear-map']>('#forgetful-map')!.explanation
            ?.maps ?? []),
        ]);
      await expect.poll(async () => (await forgetful()).length, { timeout: SLOW }).toBe(map.length);
      // Nothing is forgotten yet.
      expectClose(await forgetful(), map);
      await page.getByRole('button', { name: 'Compare them' }).click();
      await page.waitForSelector('#parity:not([hidden])');
      expect(await page.locator('#parity').textContent()).toMatch(/^✓ WebAssembly/);
      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Responses (JSON)' }).click();
      const record = JSON.parse(await streamText(await (await coming).createReadStream()));
      expect(record).toMatchObject({ method: 'grad-cam', options: {} });
      expect(record).not.toHaveProperty('seed');
      expectClose(record.maps, map);
      await page.context().close();
    });

    test.each(['light', 'dark'] as const)(
      'axe finds nothing serious among all methods, %s',
      async (colorScheme) => {
        const page = await site.open({ colorScheme });
        await mapShown(page);
        await openMore(page);
        for (const method of ['pda', 'cam', 'grad-cam', 'lrp-zplus'] as const) {
          await choose(page, method);
          expect(await findViolations(page)).toEqual([]);
        }
        await page.context().close();
      },
    );

    test('on a phone all methods fit', async () => {
      const page = await site.open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
      await mapShown(page);
      await openMore(page);
      await choose(page, 'occlusion');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await page.context().close();
    });

    test('no page has said an error in its console', () => {
      expect(site.errors).toEqual([]);
    });
  },
);

/** Tabs from the first rule to what opens the others. */
const FIRST_ROW = 4;

function button(page: Page, method: MethodName) {
  return page.locator(`.methods .switch button[value="${method}"]`);
}

/** The field of the option `window`. */
function windowOf(page: Page) {
  return page.locator('#method-options [name=window]');
}

function layerOf(page: Page) {
  return page.locator('#method-options [name=layer]');
}

async function openMore(page: Page): Promise<void> {
  await page.locator('#more-methods > summary').click();
  await page.waitForSelector('#families button');
}

function pressed(page: Page): Promise<string | null> {
  return page.locator('.family .switch [aria-pressed=true]').getAttribute('value');
}

/** What is on the stage now, to be told from what comes after it. */
async function explanationOf(page: Page) {
  const shown = await page.evaluateHandle(() => document.querySelector('clear-map')!.explanation);
  return {
    isShown: () => page.evaluate((one) => document.querySelector('clear-map')!.explanation === one, shown),
    replaced: () =>
      page.waitForFunction((one) => {
        const { explanation } = document.querySelector('clear-map')!;
        return explanation !== undefined && explanation !== one;
      }, shown),
  };
}

function mapsOf(page: Page): Promise<number[]> {
  return page.evaluate(() => [...document.querySelector('clear-map')!.explanation!.maps]);
}

/** Presses a method, and waits for its maps. */
async function choose(page: Page, method: MethodName): Promise<number[]> {
  if ((await pressed(page)) === method) return mapsOf(page);
  const before = await explanationOf(page);
  await button(page, method).click();
  await before.replaced();
  return mapsOf(page);
}

/** A net that ends in dense layers, and a picture for it. */
async function openOwnNet(page: Page): Promise<void> {
  const files = await MODEL_FILES.safetensors!.make();
  await page.setInputFiles(
    '#model-files',
    files.map(({ name, bytes }) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes),
    })),
  );
  await page.waitForFunction(() => document.querySelector('#model-status')!.textContent!.includes('layers'));
  const { base64, size } = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 64, height: 64 });
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#f80';
    context.fillRect(8, 8, 30, 40);
    const url = canvas.toDataURL('image/png');
    return { base64: url.split(',')[1]!, size: url.length };
  });
  expect(size).toBeGreaterThan(0);
  await page.setInputFiles('#picture-file', {
    name: 'square.png',
    mimeType: 'image/png',
    buffer: Buffer.from(base64, 'base64'),
  });
  await mapShown(page, 3);
}

async function streamText(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}
