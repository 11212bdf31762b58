import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Which packages a package may import: arrows point down only. Nothing else of the workspace is allowed. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  '@clearmaps/errors': [],
  '@clearmaps/files': [],
  '@clearmaps/random': [],
  '@clearmaps/deconvnet': ['@clearmaps/errors'],
  '@clearmaps/colormap': ['@clearmaps/errors'],
  '@clearmaps/datasets': ['@clearmaps/errors', '@clearmaps/files', '@clearmaps/random'],
  '@clearmaps/models': ['@clearmaps/errors', '@clearmaps/files', '@clearmaps/random', '@clearmaps/deconvnet'],
  '@clearmaps/onnx': ['@clearmaps/errors', '@clearmaps/deconvnet'],
  '@clearmaps/evaluation': [
    '@clearmaps/errors',
    '@clearmaps/random',
    '@clearmaps/deconvnet',
    '@clearmaps/datasets',
    '@clearmaps/models',
  ],
  '@clearmaps/methods': ['@clearmaps/errors', '@clearmaps/random', '@clearmaps/deconvnet'],
  '@clearmaps/training': [
    '@clearmaps/errors',
    '@clearmaps/files',
    '@clearmaps/random',
    '@clearmaps/deconvnet',
    '@clearmaps/datasets',
    '@clearmaps/evaluation',
    '@clearmaps/models',
  ],
  clearmaps: [
    '@clearmaps/errors',
    '@clearmaps/files',
    '@clearmaps/deconvnet',
    '@clearmaps/colormap',
    '@clearmaps/datasets',
    '@clearmaps/models',
    '@clearmaps/onnx',
  ],
  '@clearmaps/element': ['@clearmaps/errors', '@clearmaps/colormap', '@clearmaps/deconvnet'],
  '@clearmaps/site': [
    '@clearmaps/errors',
    '@clearmaps/random',
    '@clearmaps/colormap',
    '@clearmaps/datasets',
    '@clearmaps/deconvnet',
    '@clearmaps/models',
    'clearmaps',
    '@clearmaps/element',
    '@clearmaps/evaluation',
    '@clearmaps/methods',
  ],
  '@clearmaps/cli': [
    '@clearmaps/errors',
    '@clearmaps/files',
    '@clearmaps/random',
    '@clearmaps/deconvnet',
    '@clearmaps/colormap',
    '@clearmaps/datasets',
    '@clearmaps/methods',
    '@clearmaps/models',
    '@clearmaps/onnx',
    '@clearmaps/evaluation',
    '@clearmaps/training',
    'clearmaps',
  ],
};

const TENSORFLOW = '@tensorflow/tfjs-core';

interface Manifest {
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** The only files that may import a TensorFlow.js backend. */
const BACKEND_FILES = [
  'packages/clearmaps/src/cpu.ts',
  'packages/clearmaps/src/wasm.ts',
  'packages/clearmaps/src/webgpu-backend.ts',
];

const packages = ['packages', 'apps']
  .flatMap((parent) => readdirSync(join(ROOT, parent)).map((name) => join(parent, name)))
  .map((folder) => ({
    folder,
    name: (JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as { name: string }).name,
    files: sources(join(ROOT, folder, 'src')),
  }));

test('every package has its row of arrows', () => {
  expect(packages.map(({ name }) => name).sort()).toEqual(Object.keys(ARROWS).sort());
});

test.each(packages)('$name imports only packages below it', ({ name, files }) => {
  const own = files.flatMap(imports).map(packageOf);
  const foreign = own.filter(
    (target) => /^(@clearmaps\/|clearmaps$)/.test(target) && !ARROWS[name]!.includes(target),
  );
  expect(foreign).toEqual([]);
});

test('colormap, datasets, errors, methods, onnx and random know no TensorFlow.js', () => {
  const knowing = packages
    .filter(({ name }) => /colormap|datasets|errors|methods|onnx|random/.test(name))
    .flatMap(({ files }) =>
      files.filter((file) => imports(file).some((target) => target.includes('tensorflow'))),
    );
  expect(knowing).toEqual([]);
});

test.each(['graph', 'changes'])(
  '@clearmaps/deconvnet/%s reaches no file that imports TensorFlow.js',
  (entry) => {
    const reached = reachedFrom(`packages/deconvnet/src/${entry}.ts`);
    expect(reached.length).toBeGreaterThan(10);
    expect(reached.filter((file) => imports(file).some((target) => target.includes('tensorflow')))).toEqual(
      [],
    );
  },
);

test('a package asks for TensorFlow.js only where it cannot do without', () => {
  const asking = packages.filter(({ folder }) => {
    const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    return TENSORFLOW in peerDependencies && peerDependenciesMeta[TENSORFLOW]?.optional !== true;
  });
  expect(asking.map(({ name }) => name).sort()).toEqual(['@clearmaps/training', 'clearmaps']);
});

test("a page's half of a worker reaches no backend, and not the engine of TensorFlow.js", () => {
  const reached = ['index.ts', 'worker.ts'].flatMap((entry) =>
    reachedFrom(`packages/clearmaps/src/${entry}`),
  );
  expect(reached.length).toBeGreaterThan(10);
  const heavy = /^(@tensorflow\/|@clearmaps\/deconvnet$|onnxruntime)/;
  expect(reached.filter((file) => imports(file).some((target) => heavy.test(target)))).toEqual([]);
});

test('a backend is imported in its own file and nowhere else', () => {
  const importing = packages
    .flatMap(({ files }) => files)
    .filter((file) => imports(file).some((target) => /^@tensorflow\/tfjs-backend.*(?<!\?url)$/.test(target)))
    .map((file) => file.slice(ROOT.length));
  expect(importing.sort()).toEqual(BACKEND_FILES);
});

test('the native runtime is imported in one file and nowhere else, not even on demand', () => {
  const importing = packages
    .flatMap(({ files }) => files)
    .filter((file) => /'onnxruntime-(node|common)'/.test(readFileSync(file, 'utf8')))
    .map((file) => file.slice(ROOT.length));
  expect(importing).toEqual(['packages/onnx/src/runtime.ts']);
});

test.each(['methods', 'onnx'])(
  'the %s package takes the half of deconvnet that has no TensorFlow.js',
  (wanted) => {
    const { files } = packages.find(({ name }) => name === `@clearmaps/${wanted}`)!;
    const taken = files
      .flatMap((file) => readFileSync(file, 'utf8').match(/'@clearmaps\/deconvnet[^']*'/g) ?? [])
      .filter((target) => !/deconvnet\/(graph|changes)'$/.test(target));
    expect(taken).toEqual([]);
  },
);

test('no file imports itself in a circle', () => {
  const graph = new Map(
    packages.flatMap(({ files }) =>
      files.map((file) => [
        file,
        imports(file)
          .filter((target) => target.startsWith('.'))
          .map((target) => resolve(dirname(file), target)),
      ]),
    ),
  );
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (state.has(file)) return;
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

/** The files of one package that a file imports, and they, and so on. */
function reachedFrom(entry: string): string[] {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const target of imports(file)) if (target.startsWith('.')) reach(resolve(dirname(file), target));
  };
  reach(join(ROOT, entry));
  return [...reached];
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** What a file imports at run time: type-only imports vanish and may go in circles. */
function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const statement = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'([^']+)'/gm;
  return [...text.matchAll(statement)].map((match) => match[1]!);
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
