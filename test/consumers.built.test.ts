import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, preview, transformWithEsbuild } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { findChromium } from '../packages/clearmaps/test/browser/find-chromium.ts';
import { Consumer, readmeBlock } from './consumer.ts';

const examples = readdirSync(fileURLToPath(new URL('../examples', import.meta.url))).filter((name) =>
  name.endsWith('.ts'),
);
const PNG = 'PNG';

let consumer: Consumer;
beforeAll(() => {
  consumer = new Consumer();
}, 400_000);
afterAll(() => consumer?.remove('.'));

/** Runs TypeScript as a module of the consumer's: Node 20 reads none itself. */
async function runModule(name: string, source: string, ...args: string[]): Promise<string> {
  const { code } = await transformWithEsbuild(source, `${name}.ts`, { target: 'es2022' });
  consumer.write(`${name}.mjs`, code);
  return consumer.run(process.execPath, `${name}.mjs`, ...args);
}

describe('in Node, as an ES module', () => {
  beforeAll(() => runModule('write-digit', WRITE_DIGIT));

  test.each([
    ['README.md', 'In Node, three lines'],
    ['packages/clearmaps/README.md', 'In Node, pictures and models are files'],
  ])('%s has three lines from import to picture, and they draw one', async (readme, after) => {
    const block = readmeBlock(readme, after);
    expect(statements(block)).toHaveLength(3);
    consumer.remove('map.png');
    await runModule('readme', block);
    expect(consumer.read('map.png').subarray(1, 4).toString()).toBe(PNG);
    const said = await runModule('look', LOOK);
    expect(JSON.parse(said)).toEqual({ width: 28, height: 28, coloured: true });
  });

  test.each(examples)('examples/%s does what it says', async (file) => {
    const name = file.replace('.ts', '');
    const { args = [], says = /^$/, pictures = [] } = EXAMPLES[file]!;
    expect(await runModule(name, consumer.read(file).toString(), ...args)).toMatch(says);
    for (const picture of pictures) {
      expect(consumer.read(picture).subarray(1, 4).toString(), picture).toBe(PNG);
    }
  });
});

/** Every example has its row. */
const EXAMPLES: Readonly<Record<string, { args?: string[]; says?: RegExp; pictures?: string[] }>> = {
  'node-native.ts': {
    args: ['maps'],
    says: /^(digit \d+: a (\d), taken for a \2\n){7}$/,
    pictures: ['maps/digit-0.png', 'maps/digit-9000.png'],
  },
  'node-pool.ts': { says: /^(9\d|100) of 100 digits right, on wasm\n$/ },
  'own-compositing.ts': { args: ['even-and-odd.png'], pictures: ['even-and-odd.png'] },
};

describe('in TypeScript', () => {
  test.each([
    ['for Node, without the types of the DOM', { module: 'nodenext', lib: ['es2023'] }],
    ['for a bundler', { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'] }],
  ])('%s what is right compiles, and what is wrong does not', (_, options) => {
    consumer.write('typed.ts', TYPED);
    const compilerOptions = { ...options, target: 'es2022', strict: true, noEmit: true, skipLibCheck: true };
    const typeRoots = [join(ROOT_MODULES, '@types')];
    consumer.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: { ...compilerOptions, typeRoots, types: ['node'] },
        files: ['typed.ts'],
      }),
    );
    const compiler = join(ROOT_MODULES, 'typescript', 'bin', 'tsc');
    // It prints what is wrong and exits with an error, which throws.
    expect(consumer.run(process.execPath, compiler, '-p', '.')).toBe('');
  });
});

const ROOT_MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/** Each line below a directive must be an error. */
const TYPED = `
  import { readBundledModel } from '@clearmaps/models/node';
  import { type Clearmaps, createClearmaps, drawClearMap, type Explanation, type LayerGraph } from 'clearmaps';
  import { cpu } from 'clearmaps/cpu';
  import { readPictureFile, writePictureFile } from 'clearmaps/picture-files';

  const model: LayerGraph = await readBundledModel('mnist');
  const cm: Clearmaps = await createClearmaps({ model, backends: [cpu()] });
  const picture = await readPictureFile('photo.jpg');
  const explanation: Explanation = await cm.explain(picture, { rule: 'lrp-epsilon:0.01', classes: [3] });
  await cm.explain(new Float32Array(784));
  await cm.explain({ data: new Uint8Array(784), shape: [28, 28] });
  await writePictureFile('map.png', drawClearMap(explanation, { scale: { percentile: 99 } }));
  // @ts-expect-error: a path
  await cm.explain('photo.jpg');
  // @ts-expect-error: numbers
  await cm.explain([0, 0.5, 1]);
  // @ts-expect-error: no rule
  await cm.explain(picture, { rule: 'giuded' });
  // @ts-expect-error: no palette
  drawClearMap(explanation, { palette: 'viridis' });
  // @ts-expect-error: a factory that nobody called
  await createClearmaps({ model, backends: [cpu] });
`;

const executablePath = findChromium(existsSync);
const whenThere = executablePath ? '' : ' [SKIPPED: no Chromium; CHROMIUM_PATH names one]';

const errors: string[] = [];

/** Opens a page, and fails on anything that it reports. */
async function withPage<T>(address: string, use: (page: Page) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(address);
    return await use(page);
  } finally {
    await browser.close();
    expect(errors.splice(0), 'errors in the page').toEqual([]);
  }
}

/** What a page says that it has drawn, in `drawn`. */
function drawnOn(address: string): Promise<unknown> {
  return withPage(address, async (page) => {
    await page.waitForFunction('globalThis.drawn !== undefined', undefined, { timeout: 60_000 });
    return page.evaluate('globalThis.drawn');
  });
}

describe.skipIf(!executablePath)(`in a page built by Vite${whenThere}`, () => {
  let address: string;
  let end: () => Promise<unknown>;

  beforeAll(async () => {
    const root = join(consumer.folder, 'page');
    consumer.write(
      'page/readme.html',
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="readme.ts"></script>',
    );
    const [model, lines] = ['The `model` of a page', 'Three lines'].map((after) =>
      readmeBlock('packages/clearmaps/README.md', after),
    );
    consumer.write('page/readme.ts', IN_A_PAGE(`${model}${lines}`));
    // Copies the binaries as the README says to.
    const copying = readmeBlock('packages/clearmaps/README.md', 'A page fetches one of three');
    consumer.run('sh', '-c', copying.replaceAll('public/', 'page/public/'));
    const input = ['index.html', 'readme.html'].map((page) => join(root, page));
    await build({
      root,
      logLevel: 'error',
      build: { rollupOptions: { input }, reportCompressedSize: false },
    });
    const server = await preview({ root, logLevel: 'error', preview: { port: 0 } });
    address = server.resolvedUrls!.local[0]!;
    end = () => server.close();
    // Vite goes through TensorFlow.js twice, which takes a busy machine minutes.
  }, 400_000);
  afterAll(() => end?.());

  test('the README of clearmaps has three lines from import to picture, and they draw one', async () => {
    expect(statements(readmeBlock('packages/clearmaps/README.md', 'Three lines'))).toHaveLength(3);
    expect(await drawnOn(`${address}readme.html`)).toEqual({ backend: 'wasm', coloured: true });
  });

  test('examples/page lets Vite serve the binaries as the README says', () => {
    const worker = consumer.read('page/clear-worker.ts').toString().split('\n');
    expect(worker).toEqual(
      expect.arrayContaining(readmeBlock('packages/clearmaps/README.md', 'and say `wasm').trim().split('\n')),
    );
  });

  test('the page that works in a Web Worker explains what is drawn on it', async () => {
    const { says, coloured } = await withPage(`${address}index.html`, async (page) => {
      await page.waitForFunction(`document.querySelector('#says').value === 'Ready.'`);
      const { x, y } = (await page.locator('#paper').boundingBox())!;
      await page.mouse.move(x + 140, y + 40);
      await page.mouse.down();
      await page.mouse.move(x + 140, y + 240, { steps: 8 });
      await page.mouse.up();
      await page.waitForFunction(`document.querySelector('#says').value !== 'Ready.'`);
      return {
        says: await page.evaluate(`document.querySelector('#says').value`),
        coloured: await page.evaluate(
          `[...document.querySelector('#map').getContext('2d').getImageData(0, 0, 28, 28).data].some((v, i) => i % 4 < 3 && v > 100)`,
        ),
      };
    });
    expect(says).toBe('A 1, says wasm.');
    expect(coloured).toBe(true);
  });
});

test.skipIf(!executablePath)(
  `in a page built by webpack, the worker and the binaries are found as the README says${whenThere}`,
  async () => {
    const readme = 'packages/clearmaps/README.md';
    const root = join(consumer.folder, 'webpack-page');
    consumer.write('webpack-page/page.js', IN_A_WORKER(readmeBlock(readme, 'The page stays free')));
    const forVite = readmeBlock(readme, 'and say `wasm');
    const paths = forVite.slice(forVite.indexOf('const paths ='));
    consumer.write('webpack-page/clear-worker.js', WEBPACK_WORKER(readmeBlock(readme, 'webpack 5'), paths));
    consumer.write(
      'webpack-page/dist/index.html',
      '<!doctype html><link rel="icon" href="data:,"><script src="main.js"></script>',
    );
    const built = await webpackOf({
      // Minifying is not what is looked at, and takes the most time.
      mode: 'development',
      devtool: false,
      context: root,
      entry: './page.js',
      output: { path: join(root, 'dist') },
    });
    const { errors: failed, warnings } = built.toJson({ all: false, errors: true, warnings: true });
    expect([...failed!, ...warnings!].map(({ message }) => message)).toEqual([]);
    const server = await preview({ root, logLevel: 'error', preview: { port: 0 } });
    try {
      expect(await drawnOn(server.resolvedUrls!.local[0]!)).toEqual({ backend: 'wasm', answers: true });
    } finally {
      await server.close();
    }
  },
  200_000,
);

function webpackOf(configuration: webpack.Configuration): Promise<webpack.Stats> {
  return new Promise((resolve, reject) => {
    webpack(configuration, (error, stats) => (stats ? resolve(stats) : reject(error)));
  });
}

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof chromium.launch>>['newPage']>>;

/** What is not an import. */
function statements(block: string): string[] {
  return block.split('\n').filter((line) => line !== '' && !line.startsWith('import '));
}

/** The picture files that the READMEs explain. */
const WRITE_DIGIT = `
  import { imageAt } from '@clearmaps/datasets';
  import { readBundledMnist } from '@clearmaps/datasets/node';
  import sharp from 'sharp';
  const pixels = imageAt(await readBundledMnist(), 7000);
  const digit = sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } });
  await digit.toFile('digit.png');
  await digit.toFile('photo.jpg');
`;

const LOOK = `
  import { readPictureFile } from 'clearmaps/picture-files';
  const { data, width, height } = await readPictureFile('map.png');
  const coloured = data.some((v, i) => i % 4 < 2 && Math.abs(v - data[i + 1]) > 100);
  console.log(JSON.stringify({ width, height, coloured }));
`;

/** A canvas to explain and one to draw on, as the README supposes. */
const IN_A_PAGE = (block: string): string => `
  const canvas = Object.assign(document.createElement('canvas'), { width: 100, height: 80 });
  Object.assign(canvas.getContext('2d')!, { fillStyle: 'white' }).fillRect(45, 10, 10, 60);
  const context = document.createElement('canvas').getContext('2d')!;
  ${block}
  const pixels = context.getImageData(0, 0, 28, 28).data;
  const coloured = pixels.some((v, i) => i % 4 < 2 && Math.abs(v - pixels[i + 1]!) > 100);
  Object.assign(globalThis, { drawn: { backend: cm.backend.name, coloured } });
`;

/** As the README starts a worker; the file is JavaScript already. */
const IN_A_WORKER = (block: string): string => `
  import { mnistNet } from '@clearmaps/models';
  const model = mnistNet({ seed: 1 });
  ${block.replace('clear-worker.ts', 'clear-worker.js')}
  const { dominantResponse } = await cm.explain(new Float32Array(784).fill(0.5));
  globalThis.drawn = { backend: cm.backend.name, answers: dominantResponse.some((r) => r > 0) };
`;

const WEBPACK_WORKER = (block: string, paths: string): string => `
  import { serveWorker } from 'clearmaps/serve-worker';
  import { wasm } from 'clearmaps/wasm';
  ${block}
  ${paths}
  serveWorker([wasm({ paths })]);
`;
