import { svhnNet } from '@clearmaps/models';
import { Pica } from 'pica';
import { afterEach, expect, test, vi } from 'vitest';
import { createClearmaps, type ExplainImage } from '../src/index.ts';
import { wasm } from '../src/wasm.ts';
import { inWorker } from '../src/worker.ts';
import { wasmWorker } from './browser/workers/start-worker.ts';

const model = svhnNet({ seed: 3 });

afterEach(() => vi.restoreAllMocks());

function photo(width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const ramp = context.createLinearGradient(0, 0, width, height);
  ramp.addColorStop(0, 'red');
  ramp.addColorStop(1, 'blue');
  context.fillStyle = ramp;
  context.fillRect(0, 0, width, height);
  return canvas;
}

/** Milliseconds that tasks of this page took which were longer than 50 ms, as the browser reports them. */
async function longTasksDuring(call: () => Promise<unknown>): Promise<number> {
  const seen: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
  observer.observe({ type: 'longtask' });
  await call();
  // Entries come with the next idle time.
  await new Promise((resolve) => setTimeout(resolve, 100));
  seen.push(...observer.takeRecords());
  observer.disconnect();
  return seen.reduce((sum, { duration }) => sum + duration, 0);
}

test('with a worker, the page neither scales a picture nor reads more than a pixel of it', async () => {
  const cm = await createClearmaps({ model, backends: [inWorker(wasmWorker)] });
  const scaled = vi.spyOn(Pica.prototype, 'resizeBuffer');
  const read = vi.spyOn(OffscreenCanvasRenderingContext2D.prototype, 'getImageData');
  const canvas = photo(400, 300);
  const kinds: ExplainImage[] = [
    canvas,
    await createImageBitmap(canvas),
    await canvas.convertToBlob({ type: 'image/jpeg' }),
  ];
  for (const image of kinds) await cm.explain(image);
  expect(scaled).not.toHaveBeenCalled();
  expect(read.mock.calls.map(([, , width, height]) => [width, height])).toEqual([
    [1, 1],
    [1, 1],
  ]);
  await cm.dispose();
});

test('a worker spares the page the long tasks of a photo file', async () => {
  // As large as phones take them.
  const file = await photo(4000, 3000).convertToBlob({ type: 'image/jpeg' });
  const there = await createClearmaps({ model, backends: [inWorker(wasmWorker)] });
  const here = await createClearmaps({ model, backends: [wasm()] });
  const inTheWorker = await longTasksDuring(() => there.explain(file));
  const inThePage = await longTasksDuring(() => here.explain(file));
  expect(inThePage).toBeGreaterThan(0);
  // None is expected; on a machine that has other work, any task may be called long.
  expect(inTheWorker).toBeLessThan(inThePage / 4);
  await Promise.all([there.dispose(), here.dispose()]);
});
