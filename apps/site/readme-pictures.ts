import { fileURLToPath } from 'node:url';
import { chromiumPath, serveSite, verdict } from './test/serve-site.ts';

/** Draws the pictures of the READMEs anew from the built site: its first page, light on a desktop, dark on a phone. */
const PICTURES = [
  { file: 'site-light.png', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { file: 'site-phone-dark.png', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

if (chromiumPath === undefined) {
  throw new Error('pictures need Chromium: none is at the usual places, and CHROMIUM_PATH names none');
}
const site = await serveSite();
try {
  for (const { file, ...options } of PICTURES) {
    const page = await site.open(options);
    await verdict(page, 'It sees a 3');
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    // The last stroke's explanation, and the words under the map, come just behind the first verdict.
    await page.waitForTimeout(1500);
    const path = fileURLToPath(new URL(`../../docs/images/${file}`, import.meta.url));
    await page.screenshot({ path });
    process.stdout.write(`${path}\n`);
    await page.context().close();
  }
} finally {
  await site.close();
}
