/** Many images on WebAssembly, as many at a time as there are cores. */
import { isMainThread } from 'node:worker_threads';
import { imageAt } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { readBundledModel } from '@clearmaps/models/node';
import { createClearmaps } from 'clearmaps';
import { pool } from 'clearmaps/pool';
import { wasm } from 'clearmaps/wasm';

/** What each thread computes on: the pool imports this module there. */
export default () => [wasm()];

if (isMainThread) {
  const digits = await readBundledMnist();
  const backends = [pool({ module: new URL(import.meta.url) })];
  const cm = await createClearmaps({ model: await readBundledModel('mnist'), backends });
  const images = Array.from({ length: 100 }, (_, i) => imageAt(digits, i * 100));
  const answers = await Promise.all(images.map((data) => cm.predict({ data, shape: [28, 28] })));
  const right = answers.filter(
    ({ probabilities }, i) => probabilities.indexOf(Math.max(...probabilities)) === digits.labels[i * 100],
  );
  console.log(`${right.length} of ${images.length} digits right, on ${cm.backend.name}`);
  await cm.dispose();
}
