import { defineConfig } from 'vitest/config';

/** Runs against `dist`: no source condition, so what is tested is what is published. */
export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.built.test.ts',
      'apps/*/test/**/*.built.test.ts',
      'test/**/*.built.test.ts',
    ],
    reporters: ['default', './scripts/plain-summary-reporter.mjs'],
    // Chromium on a busy machine takes many times as long as on an idle one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
