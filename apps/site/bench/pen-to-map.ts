import { cpus } from 'node:os';
import type { Page } from 'playwright';
import { chromiumPath, mapShown, serveSite } from '../test/serve-site.ts';
import { type LongestTask, longestTask } from './longest-task.ts';
import { type PenNotes, watchPen } from './pen-probe.ts';

/**
 * How fast the map follows the pen, in the built site in headless Chromium on WebAssembly, beside the time of one
 * explanation in the same page: ratios of one run carry over to other machines, milliseconds do not.
 */

const STROKES = 12;
const EVENTS_A_STROKE = 60;
/** Between two events of the pen, as a screen of 60 Hz delivers them. */
const PACE = 1000 / 60;

if (chromiumPath === undefined) {
  throw new Error('pen-to-map needs Chromium: none is at the usual places, and CHROMIUM_PATH names none');
}
const site = await serveSite();
try {
  const alone = await openSite([watchPen, pretendOneCore]);
  const one = await explainSamples(alone);
  await alone.close();
  const page = await openSite([watchPen]);
  const idle = await explainSamples(page);
  const drawing = await during(page, () => drawStrokes(page, STROKES));
  const longest = await longestTask(page, () => drawStrokes(page, STROKES / 2));
  print(one, idle, drawing, longest);
} finally {
  await site.close();
}

async function openSite(before: readonly (() => void)[]): Promise<Page> {
  const page = await site.open({ before, hash: '#backend=wasm' });
  await mapShown(page);
  // By then copies for offline are kept and all workers have started.
  await page.waitForTimeout(6000);
  return page;
}

/** Then the site has but one worker: the backend as it is. */
function pretendOneCore(): void {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });
}

/** Each sample once, the next when the map of the one before is there: the pace that the worker alone sets. */
async function explainSamples(page: Page): Promise<readonly number[]> {
  const { explanations } = await during(page, async () => {
    for (let round = 0; round < 3; round++) {
      for (const sample of await page.locator('#samples-right button').all()) {
        const before = await page.evaluate(() => window.penNotes.explanations.length);
        await sample.click();
        await page.waitForFunction((n) => window.penNotes.explanations.length > n, before);
      }
    }
  });
  return explanations;
}

async function during(page: Page, act: () => Promise<void>): Promise<PenNotes> {
  await page.evaluate(() => {
    for (const list of Object.values(window.penNotes)) list.length = 0;
  });
  await act();
  await page.waitForTimeout(500);
  return page.evaluate(() => window.penNotes);
}

/** Loops of changing shape, each on a blank sheet, without a pause while the pen is down. */
async function drawStrokes(page: Page, strokes: number): Promise<void> {
  const box = (await page.locator('#pad').boundingBox())!;
  for (let stroke = 0; stroke < strokes; stroke++) {
    await page.locator('#clear-pad').click();
    const at = (step: number): [number, number] => {
      const angle = (step / EVENTS_A_STROKE) * 2 * Math.PI;
      const x = 0.5 + 0.28 * Math.sin((1 + (stroke % 2)) * angle);
      const y = 0.5 - 0.33 * Math.cos(angle * (1 - (stroke % 3) / 4));
      return [box.x + x * box.width, box.y + y * box.height];
    };
    await page.mouse.move(...at(0));
    await page.mouse.down();
    let due = performance.now();
    for (let step = 1; step <= EVENTS_A_STROKE; step++) {
      due += PACE;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      await page.mouse.move(...at(step));
    }
    await page.mouse.up();
  }
}

function print(
  alone: readonly number[],
  idle: readonly number[],
  drawing: PenNotes,
  longest: LongestTask,
): void {
  const one = quantile(alone, 0.5);
  const against = (value: number): string => `${value.toFixed(1)} ms, ${(value / one).toFixed(2)} x`;
  const { penToMap, explanations, frames } = drawing;
  const late = frames.filter((between) => between > 1.5 * PACE).length;
  const lines = [
    `${cpus()[0]?.model}, ${cpus().length} cores, ${process.platform}-${process.arch}`,
    `one forward pass and way back of ten classes, wasm in one worker, at rest: median ${one.toFixed(1)} ms of ${alone.length}, fastest ${Math.min(...alone).toFixed(1)} ms`,
    `the same in all workers of the site, at rest: median ${against(quantile(idle, 0.5))} of ${idle.length}`,
    `the same while drawing: median ${against(quantile(explanations, 0.5))} of ${explanations.length}`,
    `pen to map, median: ${against(quantile(penToMap, 0.5))} of ${penToMap.length} pen events`,
    `pen to map, 90th percentile: ${against(quantile(penToMap, 0.9))}`,
    `longest task of the main thread: ${longest.wall.toFixed(1)} ms, on the processor ${longest.processor.toFixed(1)} ms`,
    `late frames: ${late} of ${frames.length}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
