import { pnpm, requireNode } from './pnpm.mjs';

requireNode();
pnpm('test:slow');
