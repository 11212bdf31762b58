import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const { packageManager, engines } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** Stops with a sentence on a Node that is too old; a syntax error deep in a dependency would say less. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = engines.node.match(/\d+/g).map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(
    `clearmaps needs Node ${wantedMajor}.${wantedMinor} or later; this is ${process.versions.node}.`,
  );
  process.exit(1);
}

/** Runs pnpm at the version that package.json pins, brought by npx: a fresh machine has only npm. */
export function pnpm(...args) {
  run('npx', ['--yes', packageManager, ...args]);
}

/** Runs a command in the repository's root, its output shown; ends this process where it fails. */
export function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) console.error(`Cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

export function step(text) {
  console.log(`\n== ${text}`);
}
