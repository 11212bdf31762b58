import { pnpm, requireNode, step } from './pnpm.mjs';

requireNode();
step('Install what is needed');
pnpm('install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn');
step('Lint');
pnpm('lint');
step('Types');
pnpm('typecheck');
step('Tests on the sources');
pnpm('test:source');
step('Tests in a browser');
pnpm('test:browser');
step('Build');
pnpm('turbo', 'run', 'build', '--output-logs=errors-only');
step('Packages as they would be published');
pnpm('check:packages');
step('Tests on the built packages');
pnpm('test:built');
