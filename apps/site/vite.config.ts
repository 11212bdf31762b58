import { defaultClientConditions, defineConfig } from 'vite';
import { offline } from './build/offline.ts';
import { samples } from './build/samples.ts';

export default defineConfig(({ command, isPreview }) => ({
  // Relative addresses: the site lies under any path.
  base: './',
  plugins: [samples(), offline()],
  // While developing, the page runs the sources of the packages; what is built runs what is published.
  resolve: {
    conditions:
      command === 'serve' && !isPreview
        ? ['@clearmaps/source', ...defaultClientConditions]
        : [...defaultClientConditions],
  },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 1200 },
}));
