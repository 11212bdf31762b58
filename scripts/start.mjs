import { pnpm, requireNode, run, step } from './pnpm.mjs';

requireNode();
step('1/3 Install what is needed');
pnpm('install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn');
step('2/3 Build');
pnpm('turbo', 'run', 'build', '--output-logs=errors-only');
step('3/3 Explain a sample of real digits');
run(process.execPath, ['apps/cli/bin/clearmaps.js', 'gallery', ...process.argv.slice(2)]);
