import type { ModelKind } from '@clearmaps/models';
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
  'net' | 'backend' | 'rule' | 'seed' | 'palette' | 'scale' | 'fixedStrength' | 'explained' | 'ownModel'
>;

/** What reads a file of each kind, from where, and the lines that do. */
const READERS: Readonly<
  Record<ModelKind, { imports: string; read(folder: string, file: string, options: string): string }>
> = {
  LayersModel: {
    imports: `import { graphFromLayersModel } from '@clearmaps/models';`,
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
    imports: `import { graphFromKerasHdf5 } from '@clearmaps/models/keras-hdf5';`,
    read: (folder, file, options) => `${bytesOf(folder, file)}
const model = await graphFromKerasHdf5(bytes, { ${options} });`,
  },
  ONNX: {
    imports: `import { externalFilesOf, graphFromOnnx } from '@clearmaps/models/onnx';`,
    read: (folder, file, options) => `${bytesOf(folder, file)}
const externalData = new Map();
for (const { path } of externalFilesOf(bytes)) {
  externalData.set(path, new Uint8Array(await (await fetch('${folder}/' + path)).arrayBuffer()));
}
const model = graphFromOnnx(bytes, { externalData, ${options} });`,
  },
  safetensors: {
    imports: `import { graphFromSafetensors } from '@clearmaps/models/safetensors';`,
    read: (folder, file, options) => `${bytesOf(folder, file)}
const model = graphFromSafetensors(bytes, { ${options} });`,
  },
};

/** The code that draws the map on the stage with the packages of npm. */
export function snippet(asked: Asked): string {
  const { backend, rule, seed } = asked;
  const list = LISTS[backend];
  const calls = list.map((name) => (name === 'wasm' ? `wasm({ paths: '/wasm/' })` : `${name}()`));
  const { imports, code } = modelCode(asked);
  const classes = someClasses(asked);
  const palette = classes ? `explanationPalette(explanation, '${asked.palette}')` : `'${asked.palette}'`;
  return `import { createClearmaps, drawClearMap } from 'clearmaps';
${list.map((name) => `import { ${name} } from 'clearmaps/${name}';`).join('\n')}
${imports}${classes && `\nimport { explanationPalette } from '@clearmaps/element';`}

${code}
const cm = await createClearmaps({ model, backends: [${calls.join(', ')}] });

const explanation = await cm.explain(picture, { rule: '${rule}', seed: '${seed}'${classes} });
const map = drawClearMap(explanation, { palette: ${palette}${scaleOption(asked)} });
context.putImageData(new ImageData(map.data, map.width), 0, 0);`;
}

function modelCode({ net, ownModel }: Asked): { imports: string; code: string } {
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
function someClasses({ explained }: Asked): string {
  if (!explained) return '';
  const { classes, probabilities } = explained.explanation;
  return classes.length < probabilities.length ? `, classes: [${classes.join(', ')}]` : '';
}

function scaleOption(asked: Asked): string {
  const scale = scaleOf(asked);
  if (scale === 'max') return '';
  if (typeof scale === 'string') return `, scale: '${scale}'`;
  const [[name, value]] = Object.entries(scale) as [[string, number]];
  return `, scale: { ${name}: ${value} }`;
}
