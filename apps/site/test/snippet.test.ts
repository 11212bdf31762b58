import { readFile } from 'node:fs/promises';
import * as deconvnet from '@clearmaps/deconvnet/graph';
import * as element from '@clearmaps/element';
import * as methods from '@clearmaps/methods';
import * as models from '@clearmaps/models';
import * as hdf5Entry from '@clearmaps/models/keras-hdf5';
import { bundledModelFolder, readBundledModel } from '@clearmaps/models/node';
import * as onnxEntry from '@clearmaps/models/onnx';
import * as safetensorsEntry from '@clearmaps/models/safetensors';
import * as clearmaps from 'clearmaps';
import * as cpuEntry from 'clearmaps/cpu';
import * as wasmEntry from 'clearmaps/wasm';
import * as webgpuEntry from 'clearmaps/webgpu';
import { expect, test } from 'vitest';
import { TorchNet } from '../../../packages/models/test/torch-nets.ts';
import { readModelFiles } from '../src/input/read-model.ts';
import { FIRST_METHODS } from '../src/methods/load-methods.ts';
import { snippet } from '../src/panels/snippet.ts';
import { scaleOf } from '../src/stage/scale-of.ts';
import { BACKENDS } from '../src/start-engine.ts';
import { INITIAL, SCALES, type SiteState } from '../src/state/site-state.ts';
import { type GivenFile, MODEL_FILES } from './model-files.ts';

const MODULES: Readonly<Record<string, object>> = {
  clearmaps,
  'clearmaps/cpu': cpuEntry,
  'clearmaps/wasm': wasmEntry,
  'clearmaps/webgpu': webgpuEntry,
  '@clearmaps/element': element,
  '@clearmaps/methods': methods,
  '@clearmaps/models': models,
  '@clearmaps/models/keras-hdf5': hdf5Entry,
  '@clearmaps/models/onnx': onnxEntry,
  '@clearmaps/models/safetensors': safetensorsEntry,
};
const IMPORT = /^import \{ (.+) \} from '(.+)';$/gm;

const picture: models.Picture = {
  data: Uint8Array.from({ length: 784 }, (_, i) => (Math.abs((i % 28) - 14) < 2 ? 255 : 0)),
  width: 28,
  height: 28,
  channels: 1,
};
/** What a method learns from first: the picture, moved. */
const pictures = [0, 1, 2, 3, 4].map(
  (by): models.Picture => ({
    ...picture,
    data: Uint8Array.from({ length: 784 }, (_, i) => picture.data[(i + by) % 784]!),
  }),
);

test.each(BACKENDS)('the code for %s imports only what the packages export', (backend) => {
  const code = snippet({ ...INITIAL, backend });
  const imports = [...code.matchAll(IMPORT)];
  expect(imports.length).toBeGreaterThan(2);
  for (const [, names, from] of imports) {
    for (const name of names!.split(', ')) expect(MODULES[from!]).toHaveProperty(name);
  }
});

test.each(SCALES.map((scale, i) => ({ scale, rule: FIRST_METHODS[i]! })))(
  'the code runs as it is, and draws the map of the packages: scale $scale, rule $rule',
  async ({ scale, rule }) => {
    const state: SiteState = {
      ...INITIAL,
      backend: 'cpu',
      method: rule,
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

/** Fewer passes where that changes nothing of what is tested. */
const FEW: Partial<Record<methods.MethodName, SiteState['settings']>> = {
  'smooth-grad': { samples: 2 },
  'integrated-gradients': { steps: 3 },
  occlusion: { window: 8, score: 'probability' },
  pda: { window: 6, stride: 6, samples: 2 },
};

test.each(methods.METHOD_NAMES)(
  'the code for the method %s runs as it is, and draws the map of the packages',
  async (method) => {
    const settings = FEW[method] ?? {};
    const seed = (methods.METHODS as Readonly<Record<string, methods.Method>>)[method]!.options.seed?.value;
    const state: SiteState = {
      ...INITIAL,
      backend: 'wasm',
      method,
      settings,
      seed: (seed ?? 'unit') as deconvnet.Seed,
    };
    const drawn = await run(snippet(state, methods.METHODS[method]));

    const model = await readBundledModel('mnist');
    const open = (graph: deconvnet.LayerGraph) =>
      clearmaps.createClearmaps({ model: graph, backends: [wasmEntry.wasm()] });
    const engine = await open(model);
    const input = (one: models.Picture) => models.preprocess(one, model.preprocessing!, model.inputShape);
    const reference = Float32Array.from(pictures.flatMap((one) => [...input(one)]));
    const running = await methods.createMethod({
      method,
      graph: model,
      engine,
      open,
      options: settings,
      reference,
    });
    const explanation = await running.explain(input(picture));
    await running.dispose();
    await engine.dispose();
    const map = clearmaps.drawClearMap(explanation);
    expect(map.data.some((value, i) => i % 4 < 3 && value > 100)).toBe(true);
    expect(drawn.data).toEqual(map.data);
  },
);

/** Files of a LayersModel that does not say how bytes become input. */
function silentLayersModel(): readonly GivenFile[] {
  const { weightSpecs, weightData, userDefinedMetadata, ...rest } = models.layersModelFromGraph(
    models.svhnNet({ seed: 3 }),
  );
  const weightsManifest = [{ paths: ["shard 1's.bin"], weights: weightSpecs }];
  const json = JSON.stringify({ ...rest, weightsManifest });
  return [
    { name: 'net.json', bytes: new TextEncoder().encode(json) },
    { name: "shard 1's.bin", bytes: new Uint8Array(weightData) },
  ];
}

test.each([
  ['LayersModel', async () => silentLayersModel()] as const,
  ...Object.entries(MODEL_FILES).map(([kind, { make }]) => [kind, make] as const),
])('the code for a net of one’s own reads its files as the page does: %s', async (_, make) => {
  const files = await make();
  const ownModel = await readModelFiles(
    files.map(({ name, bytes }) => new File([Uint8Array.from(bytes)], name)),
    'signed',
  );
  const seen = pictureFor(ownModel.model);
  const cm = await clearmaps.createClearmaps({ model: ownModel.model, backends: [wasmEntry.wasm()] });
  // The nets are made up: guided by their activations, some have nothing to show.
  const way = { rule: 'linear', seed: 'unit' } as const;
  const explanation = await cm.explain(seen, way);
  await cm.dispose();
  const map = clearmaps.drawClearMap(explanation);
  expect(map.data.some((value, i) => i % 4 < 3 && value > 100)).toBe(true);
  const drawn = await run(
    snippet({ ...INITIAL, method: way.rule, seed: way.seed, net: 'own', backend: 'wasm', ownModel }),
    seen,
    files,
  );
  expect(drawn.data).toEqual(map.data);
});

test('of a net of many classes the code asks for those on the page, in the colours of the page', async () => {
  const net = new TorchNet(1, 3, 16, 16);
  const pooled = net.node('GlobalAveragePool', [
    net.conv(net.relu(net.conv(net.input, [3, 6], 3)), [6, 50], 3),
  ]);
  const files = [{ name: "a net's.onnx", bytes: net.finish(net.node('Flatten', [pooled], { axis: 1 })) }];
  const ownModel = await readModelFiles(
    files.map(({ name, bytes }) => new File([Uint8Array.from(bytes)], name)),
    'unit',
  );
  const seen = pictureFor(ownModel.model);
  const cm = await clearmaps.createClearmaps({ model: ownModel.model, backends: [wasmEntry.wasm()] });
  const [classes] = await clearmaps.chooseClasses(cm, seen, { pages: 10 });
  const explanation = await cm.explain(seen, { classes });
  await cm.dispose();
  const onStage = element.drawView(explanation, {
    view: 'clear',
    shown: classes!,
    target: classes![0]!,
    palette: element.explanationPalette(explanation, 'hues'),
    scale: scaleOf({ scale: 'percentile' }),
    opacity: 1,
  });
  expect(onStage.data.some((value, i) => i % 4 < 3 && value > 100)).toBe(true);
  const explained = { explanation } as SiteState['explained'];
  const state: SiteState = {
    ...INITIAL,
    net: 'own',
    backend: 'wasm',
    scale: 'percentile',
    ownModel,
    explained,
  };
  const drawn = await run(snippet(state), seen, files);
  expect(drawn.data).toEqual(onStage.data);
});

/** Noise of the size of a net's input. */
function pictureFor({ inputShape: [height, width] }: deconvnet.LayerGraph): models.Picture {
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => 127.5 + 127 * Math.sin(i * i));
  return { data, width, height, channels: 3 };
}

/** Runs the text, its imports taken from the packages' sources, its fetch from the given files or the bundled weights. */
async function run(
  code: string,
  seen = picture,
  own: readonly GivenFile[] = [],
): Promise<{ data: Uint8ClampedArray; width: number }> {
  const put: { data: Uint8ClampedArray; width: number }[] = [];
  const page = {
    picture: seen,
    pictures,
    context: { putImageData: (image: (typeof put)[number]) => put.push(image) },
    ImageData: class {
      constructor(
        readonly data: Uint8ClampedArray,
        readonly width: number,
      ) {}
    },
    fetch: async (address: string) => {
      const given = own.find(({ name }) => address === `/my-model/${name}`);
      if (given) return new Response(Uint8Array.from(given.bytes));
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
