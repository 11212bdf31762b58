import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const executablePath = findChromium(existsSync);

/** A site made of the README's two files, and what shows that they work. */
async function site(): Promise<string> {
  // Inside the package, so that the site finds what it imports.
  const root = await mkdtemp(join(PACKAGE, 'node_modules', 'worker-recipe-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const file = (name: string): string => {
    const [, code] = readme.split(`// ${name}\n`);
    return code!.split('```')[0]!;
  };
  const page = `
    import { mnistNet } from '@clearmaps/models';
    const model = mnistNet();
    ${file('page.ts')}
    const file = await fetch('/digit.png').then((response) => response.blob());
    const { maps } = await cm.explain(file);
    document.title = cm.backend.name + ' ' + maps.length;
  `;
  await writeFile(join(root, 'index.html'), '<script type="module" src="./page.ts"></script>');
  await writeFile(join(root, 'page.ts'), page);
  await writeFile(join(root, 'clear-worker.ts'), file('clear-worker.ts'));
  await mkdir(join(root, 'public', 'wasm'), { recursive: true });
  await copyFile(join(PACKAGE, '..', '..', 'docs', 'images', 'sheet.png'), join(root, 'public', 'digit.png'));
  const binaries = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  for (const name of await readdir(binaries)) {
    if (name.endsWith('.wasm')) await copyFile(join(binaries, name), join(root, 'public', 'wasm', name));
  }
  return root;
}

test.skipIf(executablePath === undefined)(
  `the README's worker is built by Vite and explains in Chromium${executablePath ? '' : ' [SKIPPED: there is no Chromium]'}`,
  async () => {
    const root = await site();
    const config = {
      root,
      configFile: false,
      logLevel: 'error',
      build: { target: 'esnext' },
      worker: { format: 'es' },
    } as const;
    await build(config);
    const server = await preview({ ...config, preview: { port: 0 } });
    onTestFinished(() => server.close());
    const browser = await chromium.launch({ executablePath });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.waitForFunction(() => document.title !== '');
    // Without flags, headless Chromium has no GPU.
    expect(await page.title()).toBe('wasm 7840');
  },
);
