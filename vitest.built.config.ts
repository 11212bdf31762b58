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
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
