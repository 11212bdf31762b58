import { readFile } from 'node:fs/promises';
import * as deconvnet from '@clearmaps/deconvnet/graph';
import * as models from '@clearmaps/models';
import { bundledModelFolder, readBundledModel } from '@clearmaps/models/node';
import * as clearmaps from 'clearmaps';
import * as cpuEntry from 'clearmaps/cpu';
import * as wasmEntry from 'clearmaps/wasm';
import * as webgpuEntry from 'clearmaps/webgpu';
import { expect, test } from 'vitest';
import { snippet } from '../src/panels/snippet.ts';
import { BACKENDS } from '../src/start-engine.ts';
import { INITIAL, RULES, SCALES, type SiteState } from '../src/state/site-state.ts';

const MODULES: Readonly<Record<string, object>> = {
  clearmaps,
  'clearmaps/cpu': cpuEntry,
  'clearmaps/wasm': wasmEntry,
  'clearmaps/webgpu': webgpuEntry,
  '@clearmaps/models': models,
};
const IMPORT = /^import \{ (.+) \} from '(.+)';$/gm;

const picture: models.Picture = {
  data: Uint8Array.from({ length: 784 }, (_, i) => (Math.abs((i % 28) - 14) < 2 ? 255 : 0)),
  width: 28,
  height: 28,
  channels: 1,
};

test.each(BACKENDS)('the code for %s imports only what the packages export', (backend) => {
  const code = snippet({ ...INITIAL, backend });
  const imports = [...code.matchAll(IMPORT)];
  expect(imports.length).toBeGreaterThan(2);
  for (const [, names, from] of imports) {
    for (const name of names!.split(', ')) expect(MODULES[from!]).toHaveProperty(name);
  }
});

test.each(SCALES.map((scale, i) => ({ scale, rule: RULES[i]! })))(
  'the code runs as it is, and draws the map of the packages: scale $scale, rule $rule',
  async ({ scale, rule }) => {
    const state: SiteState = {
      ...INITIAL,
      backend: 'cpu',
      rule,
      scale,
      fixedStrength: 0.01,
      palette: 'safe-ten',
    };
    const drawn = await run(snippet(state));

    const cm = await clearmaps.createClearmaps({
      model: await readBundledModel('mnist'),
      backends: [wasmEntry.wasm()],
    });
    const explanation = await cm.explain(picture, { rule, seed: deconvnet.DEFAULT_SEED });
    await cm.dispose();
    const scales = {
      max: 'max',
      percentile: { percentile: 97 },
      'per-class': 'per-class',
      fixed: { fixed: 0.01 },
    } as const;
    const map = clearmaps.drawClearMap(explanation, { palette: 'safe-ten', scale: scales[scale] });
    expect(map.data.some((value, i) => i % 4 < 3 && value > 100)).toBe(true);
    expect(drawn.data).toEqual(map.data);
    expect(drawn.width).toBe(28);
  },
);

test('of a net of many classes it asks for those on the page', () => {
  const explanation = { classes: [151, 7], probabilities: new Float32Array(1000) };
  const code = snippet({ ...INITIAL, net: 'own', explained: { explanation } as never });
  expect(code).toContain("seed: 'positive', classes: [151, 7] }");
});

/** Runs the text, its imports taken from the packages' sources, its fetch from the folder of the weights. */
async function run(code: string): Promise<{ data: Uint8ClampedArray; width: number }> {
  const put: { data: Uint8ClampedArray; width: number }[] = [];
  const page = {
    picture,
    context: { putImageData: (image: (typeof put)[number]) => put.push(image) },
    ImageData: class {
      constructor(
        readonly data: Uint8ClampedArray,
        readonly width: number,
      ) {}
    },
    fetch: async (address: string) => {
      const [, name, file] = /^\/weights\/(\w+)\/([\w.]+)$/.exec(address)!;
      return new Response(await readFile(`${bundledModelFolder(name as 'mnist')}/${file}`));
    },
    // In Node the binaries lie where the package finds them by itself.
    MODULES: { ...MODULES, 'clearmaps/wasm': { wasm: () => wasmEntry.wasm() } },
  };
  const body = code.replaceAll(IMPORT, "const { $1 } = MODULES['$2'];");
  const AsyncFunction = Object.getPrototypeOf(run).constructor as FunctionConstructor;
  await new AsyncFunction(...Object.keys(page), body)(...Object.values(page));
  expect(put).toHaveLength(1);
  return put[0]!;
}
