import { defineConfig } from 'vitest/config';

const conditions = ['@clearmaps/source', 'module', 'node', 'development|production', 'default'];

/** Tests read the sources: the `@clearmaps/source` export condition of every package points to `src`. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/*.built.test.ts', '**/*.browser.test.ts', '**/node_modules/**'],
    reporters: ['default', './scripts/plain-summary-reporter.mjs'],
    // Worker threads that tests start read the sources too.
    execArgv: ['--import', new URL('./scripts/typescript-in-workers.mjs', import.meta.url).href],
    // The cpu backend advertises the native package once a process, Lit its smaller build.
    onConsoleLog: (log) => !/running TensorFlow.js in Node.js|Lit is in dev mode/.test(log),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
