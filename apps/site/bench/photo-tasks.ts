import { cpus } from 'node:os';
import { join } from 'node:path';
import { chromiumPath, mapShown, serveSite } from '../test/serve-site.ts';
import { absent, CHIHUAHUA, SQUEEZENET } from '../test/shared-photos.ts';
import { longestTask } from './longest-task.ts';

/** How long the page does not answer while a photo is explained by SqueezeNet and walked through, in the built site. */

const PATIENCE = 300_000;

if (chromiumPath === undefined || absent) {
  throw new Error(`photo-tasks needs Chromium and ../shared with SqueezeNet and photos${absent}`);
}
const site = await serveSite();
try {
  const page = await site.open({ hash: '#backend=wasm', viewport: { width: 1280, height: 1100 } });
  page.setDefaultTimeout(PATIENCE);
  await page.getByRole('button', { name: 'Photos' }).click();
  const files = ['squeezenet1.1.onnx', 'labels.json'].map((name) => join(SQUEEZENET, name));
  await page.setInputFiles('#model-files', files);
  await page.waitForFunction(() =>
    document.querySelector('#model-status')!.textContent!.includes('64 layers'),
  );
  const done = (): Promise<unknown> =>
    page.waitForFunction(() => document.querySelector('#walk-body')!.ariaBusy !== 'true');
  process.stdout.write(`${cpus()[0]?.model}, ${cpus().length} cores, ${process.platform}-${process.arch}\n`);
  const measure = async (what: string, act: () => Promise<void>): Promise<void> => {
    const { wall, processor } = await longestTask(page, act);
    process.stdout.write(
      `longest task, ${what}: ${wall.toFixed(1)} ms, on the processor ${processor.toFixed(1)} ms\n`,
    );
  };
  await measure('a photo is explained and all views are drawn', async () => {
    await page.setInputFiles('#picture-file', CHIHUAHUA);
    await mapShown(page, 3);
    await page.locator('#tiles').scrollIntoViewIfNeeded();
    await page.waitForTimeout(3000);
  });
  await measure('the way back is opened', async () => {
    await page.locator('#stepping > summary').click();
    await page.waitForFunction(() => document.querySelector('#step-title')!.textContent !== '');
    await done();
  });
  await measure('all of its stops are passed', async () => {
    while (await page.locator('#walk-on').isEnabled()) {
      await page.locator('#walk-on').click();
      await done();
    }
  });
} finally {
  await site.close();
}
