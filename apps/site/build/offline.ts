import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

/** Not needed for the first digit, and kept once the page has time: told by where they come from and their names. */
const LATER = /svhn|every-method|first-digits|webgpu-|cpu-|pica-|golden|sheet-|tfjs-backend-wasm-(?!simd)/;
/** Few visitors need them: kept once they have been asked for. */
const IF_ASKED = /hdf5|onnx|safetensors|synthetic/;

/** Adds `service-worker.js`: src/service-worker.js with the list of the built files and their version. */
export function offline(): Plugin {
  return {
    name: 'clearmaps-offline',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      const files = Object.keys(bundle).sort();
      const source = await readFile(new URL('../src/service-worker.js', import.meta.url), 'utf8');
      // Names carry a hash of their contents, but for index.html.
      const version = createHash('sha256').update(source);
      for (const name of files) {
        const file = bundle[name]!;
        version.update(name).update(file.type === 'chunk' ? file.code : file.source);
      }
      const matches = (pattern: RegExp, name: string): boolean => {
        const file = bundle[name]!;
        const origin = file.type === 'asset' ? file.originalFileNames.join() : '';
        return pattern.test(`${name} ${origin}`);
      };
      const ifAsked = files.filter((name) => matches(IF_ASKED, name));
      const later = files.filter((name) => matches(LATER, name) && !ifAsked.includes(name));
      const first = files.filter((name) => name !== 'index.html' && ![...ifAsked, ...later].includes(name));
      const head = [
        `const VERSION = ${JSON.stringify(version.digest('hex').slice(0, 12))};`,
        `const FIRST = ${JSON.stringify(['./', ...first])};`,
        `const LATER = ${JSON.stringify(later)};`,
        `const IF_ASKED = ${JSON.stringify(ifAsked)};`,
      ];
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: `${head.join('\n')}\n${source}`,
      });
    },
  };
}
