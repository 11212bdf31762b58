import type { Method } from '@clearmaps/methods';
import type { ModelKind } from '@clearmaps/models';
import { sweepRule } from '../methods/sweep-rule.ts';
import { scaleOf } from '../stage/scale-of.ts';
import type { SiteState } from '../state/site-state.ts';

const LISTS = {
  auto: ['webgpu', 'wasm'],
  webgpu: ['webgpu'],
  wasm: ['wasm'],
  cpu: ['cpu'],
} as const;

type Asked = Pick<
  SiteState,
  | 'net'
  | 'backend'
  | 'method'
  | 'settings'
  | 'seed'
  | 'palette'
  | 'scale'
  | 'fixedStrength'
  | 'explained'
  | 'ownModel'
>;

interface Import {
  readonly names: readonly string[];
  readonly from: string;
}

/** What reads a file of each kind, from where, and the lines that do. */
const READERS: Readonly<
  Record<ModelKind, { imports: Import; read(folder: string, file: string, options: string): string }>
> = {
  LayersModel: {
    imports: { names: ['graphFromLayersModel'], from: '@clearmaps/models' },
    read: (
      folder,
      file,
      options,
    ) => `const json = await (await fetch(${literal(`${folder}/${file}`)})).json();
const paths = json.weightsManifest.flatMap((group) => group.paths);
const load = async (path) => (await fetch('${folder}/' + path)).arrayBuffer();
const weightData = await Promise.all(paths.map(load));
const model = graphFromLayersModel({ ...json, weightData }${options && `, { ${options} }`});`,
  },
  HDF5: {
    imports: { names: ['graphFromKerasHdf5'], from: '@clearmaps/models/keras-hdf5' },
    read: (folder, file, options) => `${bytesOf(folder, file)}
const model = await graphFromKerasHdf5(bytes, { ${options} });`,
  },
  ONNX: {
    imports: { names: ['externalFilesOf', 'graphFromOnnx'], from: '@clearmaps/models/onnx' },
    read: (folder, file, options) => `${bytesOf(folder, file)}
const externalData = new Map();
for (const { path } of externalFilesOf(bytes)) {
  externalData.set(path, new Uint8Array(await (await fetch('${folder}/' + path)).arrayBuffer()));
}
const model = graphFromOnnx(bytes, { externalData, ${options} });`,
  },
  safetensors: {
    imports: { names: ['graphFromSafetensors'], from: '@clearmaps/models/safetensors' },
    read: (folder, file, options) => `${bytesOf(folder, file)}
const model = graphFromSafetensors(bytes, { ${options} });`,
  },
};

/**
 * The code that draws the map on the stage with the packages of npm.
 *
 * @param about the row of a method that is more than a way back
 */
export function snippet(asked: Asked, about?: Pick<Method, 'needsReference'>): string {
  const list = LISTS[asked.backend];
  const calls = list.map((name) => (name === 'wasm' ? `wasm({ paths: '/wasm/' })` : `${name}()`));
  const model = modelCode(asked);
  const explanation = sweepRule(asked.method) ? sweepCode(asked, calls) : methodCode(asked, calls, about);
  const some = someClasses(asked) !== undefined;
  const palette = some ? `explanationPalette(explanation, '${asked.palette}')` : `'${asked.palette}'`;
  const imports = [
    { names: ['createClearmaps', 'drawClearMap'], from: 'clearmaps' },
    ...list.map((name) => ({ names: [name], from: `clearmaps/${name}` })),
    model.imports,
    ...explanation.imports,
    ...(some ? [{ names: ['explanationPalette'], from: '@clearmaps/element' }] : []),
  ];
  return `${importLines(imports)}

${model.code}
${explanation.code}
const map = drawClearMap(explanation, { palette: ${palette}${scaleOption(asked)} });
context.putImageData(new ImageData(map.data, map.width), 0, 0);`;
}

interface Code {
  readonly imports: readonly Import[];
  readonly code: string;
}

function sweepCode(asked: Asked, backends: readonly string[]): Code {
  const { method, seed } = asked;
  const options = literal({ rule: method, seed, classes: someClasses(asked) });
  return {
    imports: [],
    code: `const cm = await createClearmaps({ model, backends: [${backends.join(', ')}] });

const explanation = await cm.explain(picture, ${options});`,
  };
}

/** Of methods that are more than a way back. */
function methodCode(asked: Asked, backends: readonly string[], about?: Pick<Method, 'needsReference'>): Code {
  const { method, settings } = asked;
  const classes = someClasses(asked);
  const options = Object.keys(settings).length === 0 ? '' : `\n  options: ${literal(settings)},`;
  const learns = about?.needsReference ?? false;
  return {
    imports: [
      { names: ['fitPicture'], from: 'clearmaps' },
      { names: ['preprocess'], from: '@clearmaps/models' },
      { names: ['createMethod'], from: '@clearmaps/methods' },
    ],
    code: `const open = (graph) => createClearmaps({ model: graph, backends: [${backends.join(', ')}] });
const cm = await open(model);
const input = async (picture) =>
  preprocess(await fitPicture(picture, model), model.preprocessing, model.inputShape);
${learns ? REFERENCE : ''}
const method = await createMethod({
  method: '${method}',
  graph: model,
  engine: cm,
  open,${options}${learns ? '\n  reference,' : ''}
});
const explanation = await method.explain(await input(picture)${classes ? `, ${literal({ classes })}` : ''});
await method.dispose();`,
  };
}

/** Of methods that learn from pictures first. */
const REFERENCE = `
// A few hundred pictures like those that the network learnt from.
const inputs = await Promise.all(pictures.map(input));
const reference = new Float32Array(inputs.length * inputs[0].length);
inputs.forEach((values, i) => reference.set(values, i * values.length));
`;

/** A line a package, whoever asked for what is in it. */
function importLines(imports: readonly Import[]): string {
  const names = new Map<string, readonly string[]>();
  for (const one of imports) names.set(one.from, [...(names.get(one.from) ?? []), ...one.names]);
  return [...names].map(([from, list]) => `import { ${list.join(', ')} } from '${from}';`).join('\n');
}

function modelCode({ net, ownModel }: Asked): { imports: Import; code: string } {
  const own = net === 'own' ? ownModel : undefined;
  const { imports, read } = READERS[own?.kind ?? 'LayersModel'];
  const folder = net === 'own' ? '/my-model' : `/weights/${net}`;
  // What the file does not say, the visitor has chosen.
  const options = own ? `preprocessing: ${literal(own.model.preprocessing)}` : '';
  return { imports, code: read(folder, own?.file ?? 'model.json', options) };
}

function bytesOf(folder: string, file: string): string {
  return `const bytes = new Uint8Array(await (await fetch(${literal(`${folder}/${file}`)})).arrayBuffer());`;
}

/** A value of JSON as JavaScript has it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{ ${fields.map(([key, field]) => `${key}: ${literal(field)}`).join(', ')} }`;
}

/** Of a net of many classes, those that are on the page. */
function someClasses({ explained }: Asked): readonly number[] | undefined {
  if (!explained) return undefined;
  const { classes, probabilities } = explained.explanation;
  return classes.length < probabilities.length ? classes : undefined;
}

function scaleOption(asked: Asked): string {
  const scale = scaleOf(asked);
  if (scale === 'max') return '';
  if (typeof scale === 'string') return `, scale: '${scale}'`;
  const [[name, value]] = Object.entries(scale) as [[string, number]];
  return `, scale: { ${name}: ${value} }`;
}
