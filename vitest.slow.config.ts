import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** The suites that take minutes; `.ci/run` runs them after `npm test`. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: ['packages/*/test/**/*.slow.test.ts', 'apps/*/test/**/*.slow.test.ts'],
      exclude: ['**/node_modules/**'],
      testTimeout: 1_200_000,
      passWithNoTests: true,
    },
  }),
);
