import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pnpm } from './pnpm.mjs';

// Every public package is packed as it would be published, then looked at by publint (export maps, files) and by
// "are the types wrong" (that TypeScript finds the declarations behind every export, ESM only).
const folders = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(parent).map((name) => join(parent, name)),
);
const out = mkdtempSync(join(tmpdir(), 'clearmaps-pack-'));
try {
  for (const folder of folders) {
    const { name, private: isPrivate } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (isPrivate) continue;
    console.log(`-- ${name}`);
    const before = new Set(readdirSync(out));
    pnpm('--silent', '-C', folder, 'pack', '--pack-destination', out);
    const tarball = join(
      out,
      readdirSync(out).find((file) => !before.has(file)),
    );
    pnpm('exec', 'publint', tarball, '--strict');
    pnpm('exec', 'attw', tarball, '--profile', 'esm-only', '--quiet');
    const listing = spawnSync('tar', ['-tf', tarball], { encoding: 'utf8' }).stdout;
    if (/\.(npy|gz|mat|JPEG)$/m.test(listing) || !listing.includes('package/dist/')) {
      console.error(`${name} packs what it should not, or no dist:\n${listing}`);
      process.exit(1);
    }
  }
} finally {
  rmSync(out, { recursive: true });
}
