import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { consoleErrors } from './packages/clearmaps/test/browser/console-errors.ts';
import { findChromium } from './packages/clearmaps/test/browser/find-chromium.ts';
import type { BackendName } from './packages/deconvnet/test/backends.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const conditions = ['@clearmaps/source', 'module', 'browser', 'development|production', 'default'];
const chromium = findChromium(existsSync);

/** Chromium without a GPU runs WebGPU on SwiftShader. */
const args = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

function project(
  name: string,
  options: { backends: BackendName[]; include: string[]; isolated: boolean },
): TestProjectInlineConfiguration {
  return {
    resolve: {
      conditions,
      alias: [
        { find: './webgpu-adapter.ts', replacement: at('packages/deconvnet/test/webgpu-adapter.browser.ts') },
      ],
    },
    server: {
      fs: { allow: ['.', '../shared/golden'] },
      // Cross-origin isolation: what threads of WebAssembly need.
      headers: options.isolated
        ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
        : {},
    },
    test: {
      name,
      include: options.include,
      provide: { backends: options.backends },
      setupFiles: ['packages/clearmaps/test/browser/setup.ts'],
      testTimeout: 120_000,
      hookTimeout: 120_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath: chromium, args } }),
        instances: [{ browser: 'chromium' }],
        commands: { consoleErrors },
      },
    },
  };
}

const shared = ['golden', 'switches', 'hand-check'].map((name) => `packages/deconvnet/test/${name}.test.ts`);

/** The suites that know no Node, in headless Chromium; in its place one skipped test where there is none. */
export default defineConfig({
  test: {
    reporters: ['default', './scripts/plain-summary-reporter.mjs'],
    projects: chromium
      ? [
          project('page', {
            backends: ['webgpu', 'wasm'],
            include: [...shared, 'packages/*/test/*.browser.test.ts'],
            isolated: false,
          }),
          project('isolated page', {
            backends: ['wasm'],
            include: [...shared, 'packages/clearmaps/test/browser/isolated.browser.test.ts'],
            isolated: true,
          }),
        ]
      : [
          {
            test: {
              name: 'no browser',
              include: ['packages/clearmaps/test/browser/no-chromium.browser.test.ts'],
            },
          },
        ],
  },
});
