import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { preview } from 'vite';
import { findChromium } from '../../../packages/clearmaps/test/browser/find-chromium.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The site lies under a path of a larger one, as on GitHub Pages. */
const BASE = '/somewhere/below/';

export const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
export const chromiumPath = findChromium(existsSync);

/** The built site in Chromium, with WebGPU on SwiftShader and a camera that shows a green field. */
export interface ServedSite {
  readonly browser: Browser;
  readonly url: string;
  /** Paths below `dist` of all that has been asked for. */
  readonly asked: Set<string>;
  /** Errors in the consoles of all pages, and uncaught ones. */
  readonly errors: string[];
  /** @param options of the page's context; what is in `before` runs in the page ahead of its own code */
  open(
    options?: BrowserContextOptions & { readonly hash?: string; readonly before?: readonly (() => void)[] },
  ): Promise<Page>;
  close(): Promise<void>;
}

export async function serveSite(): Promise<ServedSite> {
  const asked = new Set<string>();
  const errors: string[] = [];
  const server = await preview({
    root: ROOT,
    base: BASE,
    logLevel: 'error',
    preview: { port: 0 },
    plugins: [
      {
        name: 'requests',
        configurePreviewServer: ({ middlewares }) => {
          middlewares.use((request, _, next) => {
            asked.add(request.url!.split('?')[0]!.slice(BASE.length) || 'index.html');
            next();
          });
        },
      },
    ],
  });
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  });
  const url = server.resolvedUrls!.local[0]!;
  return {
    browser,
    url,
    asked,
    errors,
    async open({ hash = '', before = [], ...options } = {}) {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      // A busy machine is no failure.
      page.setDefaultTimeout(240_000);
      for (const script of before) await page.addInitScript(script);
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(url + hash);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Waits until a map is drawn, of that many channels. */
export async function mapShown(page: Page, channels = 1): Promise<void> {
  await page.waitForFunction(
    (c) => document.querySelector('clear-map')?.explanation?.shape[3] === c,
    channels,
  );
}

/** Draws through these points of the pad, in shares of its sides. */
export async function draw(page: Page, points: readonly (readonly [x: number, y: number])[]): Promise<void> {
  const box = (await page.locator('#pad').boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(points[0]!));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 12 });
  await page.mouse.up();
}

export const SEVEN = [
  [0.28, 0.25],
  [0.72, 0.25],
  [0.45, 0.8],
] as const;

/** Waits for the verdict of the class list. */
export async function verdict(page: Page, text: string): Promise<void> {
  await page.waitForFunction((t) => document.querySelector('#classes-title')!.textContent === t, text);
}
