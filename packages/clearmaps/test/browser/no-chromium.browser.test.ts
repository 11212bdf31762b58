import { it } from 'vitest';

it.skip('the suites in Chromium [SKIPPED: there is none; CHROMIUM_PATH names one in an unusual place]');
