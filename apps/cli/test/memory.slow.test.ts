import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder } from '../../../packages/models/test/shared-files.ts';
import { temporaryFolder } from './run-cli.ts';

const BINARY = fileURLToPath(new URL('../bin/clearmaps.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const model = sharedFolder('models/squeezenet1.1');
const photos = sharedFolder('data/dog-photos');
const missing = model.missing || photos.missing;

/** As built and in a process of its own: what loads the sources, and vitest, take memory too. */
describe.skipIf(missing)(`a photo and the 1,000 classes of SqueezeNet 1.1${missing}`, () => {
  beforeAll(() => {
    if (!existsSync(BUILT)) throw new Error(`There is no ${BUILT}: run "pnpm build" first.`);
  });

  it.for([
    ['wasm', 'auto', 'float32'],
    ['native', 'float32', 'float32'],
    ['native', 'auto', 'float64'],
  ] as const)(
    'take no more memory than 512 MiB on %s, forward %s',
    async ([backend, forward, computed], { annotate }) => {
      const args = [
        ...['explain', join(photos.path, 'n02085620_Chihuahua.JPEG')],
        ...['--model', model.path, '--classes', 'all', '--backend', backend, '--forward', forward],
        ...['--out', temporaryFolder(), '--json'],
      ];
      const { stdout } = await promisify(execFile)(process.execPath, [BINARY, ...args], {
        maxBuffer: 2 ** 26,
      });
      const { memory, results } = JSON.parse(stdout);
      expect(results[0].classes).toHaveLength(1000);
      expect(results[0].forward).toBe(computed);
      expect(memory.budget).toBe(512 * 2 ** 20);
      await annotate(`${Math.round(memory.peak / 2 ** 20)} MiB resident at the most`);
      expect(memory.peak).toBeLessThanOrEqual(memory.budget);
    },
  );
});
