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
  'net' | 'backend' | 'rule' | 'seed' | 'palette' | 'scale' | 'fixedStrength' | 'explained'
>;

/** The code that draws the map on the stage with the packages of npm. */
export function snippet(asked: Asked): string {
  const { net, backend, rule, seed, palette } = asked;
  const list = LISTS[backend];
  const calls = list.map((name) => (name === 'wasm' ? `wasm({ paths: '/wasm/' })` : `${name}()`));
  const folder = net === 'own' ? '/my-model' : `/weights/${net}`;
  return `import { createClearmaps, drawClearMap } from 'clearmaps';
${list.map((name) => `import { ${name} } from 'clearmaps/${name}';`).join('\n')}
import { graphFromLayersModel } from '@clearmaps/models';

const json = await (await fetch('${folder}/model.json')).json();
const weightData = await (await fetch('${folder}/weights.bin')).arrayBuffer();
const model = graphFromLayersModel({ ...json, weightData });
const cm = await createClearmaps({ model, backends: [${calls.join(', ')}] });

const explanation = await cm.explain(picture, { rule: '${rule}', seed: '${seed}'${someClasses(asked)} });
const map = drawClearMap(explanation, { palette: '${palette}'${scaleOption(asked)} });
context.putImageData(new ImageData(map.data, map.width), 0, 0);`;
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
