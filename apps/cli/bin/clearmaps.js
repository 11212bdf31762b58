#!/usr/bin/env node
import process from 'node:process';

/** As `EXIT.badInput`, which is among what is missing. */
const BAD_INPUT = 2;

try {
  const { main } = await import('../dist/index.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // A package that is missing is named by Node; a file of ours that is missing was never built.
  if (!/Cannot find module '.*[\\/]dist[\\/]/.test(error.message)) throw error;
  process.stderr.write(
    'Error: clearmaps: got a checkout that is not built. Run npm start, or pnpm build, in its root.\n',
  );
  process.exitCode = BAD_INPUT;
}
