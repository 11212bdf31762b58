import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly packageManager: string;
  readonly dependencies: Record<string, string>;
}

/** Somebody's project outside the repository: a copy of `examples`, with our packages as npm would give them. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'clearmaps-consumer-'));

  /** Packs, and installs from the packed files; everything else comes from pnpm's store where it has it. */
  constructor() {
    cpSync(join(ROOT, 'examples'), this.folder, {
      recursive: true,
      filter: (path) => !path.endsWith('node_modules'),
    });
    const tarballs = this.pack();
    const manifest = readJson(join(this.folder, 'package.json'));
    for (const [name, file] of tarballs) {
      if (name in manifest.dependencies) manifest.dependencies[name] = file;
    }
    this.write('package.json', JSON.stringify(manifest));
    // Versions and allowed builds as here; what our packages ask of one another comes from the packed files, too.
    const settings = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8');
    const overrides = [...tarballs].map(([name, file]) => `  '${name}': '${file}'\n`).join('');
    this.write(
      'pnpm-workspace.yaml',
      `${settings.replace(/^packages:\n(?: {2}- .*\n)+/m, '')}\noverrides:\n${overrides}`,
    );
    this.pnpm(this.folder, 'install', '--prefer-offline', '--no-frozen-lockfile', '--ignore-scripts');
  }

  write(path: string, content: string | Uint8Array): void {
    const full = join(this.folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  }

  read(path: string): Buffer {
    return readFileSync(join(this.folder, path));
  }

  /** @returns what the command printed */
  run(command: string, ...args: string[]): string {
    return execFileSync(command, args, { cwd: this.folder, encoding: 'utf8' });
  }

  /** @param path '.' for the whole project */
  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  private pack(): Map<string, string> {
    const out = join(this.folder, 'packed');
    mkdirSync(out);
    this.pnpm(ROOT, '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', out);
    const names = readdirSync(join(ROOT, 'packages')).map(
      (folder) => readJson(join(ROOT, 'packages', folder, 'package.json')).name,
    );
    const files = readdirSync(out);
    return new Map(
      names.map((name) => {
        const start = `${name.replace('@', '').replace('/', '-')}-`;
        const file = files.find(
          (candidate) => candidate.startsWith(start) && /^\d/.test(candidate.slice(start.length)),
        );
        return [name, `file:${join(out, file!)}`];
      }),
    );
  }

  /** At the version that package.json pins. */
  private pnpm(cwd: string, ...args: string[]): void {
    const { packageManager } = readJson(join(ROOT, 'package.json'));
    execFileSync('npx', ['--yes', packageManager, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** The first block of code in a README after a line that starts so. */
export function readmeBlock(readme: string, after: string): string {
  const text = readFileSync(join(ROOT, readme), 'utf8');
  const block = new RegExp(`^${after}[^]*?\`\`\`\\w+\\n([^]*?)\`\`\``, 'm').exec(text)?.[1];
  if (block === undefined) throw new Error(`${readme} has no block of code after "${after}"`);
  return block;
}

function readJson(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8'));
}
