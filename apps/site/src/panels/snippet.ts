import type { SiteState } from '../state/site-state.ts';

const LISTS = {
  auto: ['webgpu', 'wasm'],
  webgpu: ['webgpu'],
  wasm: ['wasm'],
  cpu: ['cpu'],
} as const;

const SCALE_OPTIONS = {
  max: '',
  percentile: ', scale: { percentile: 97 }',
  'per-class': ", scale: 'per-class'",
  fixed: ', scale: { fixed: strongest }',
} as const;

type Asked = Pick<SiteState, 'net' | 'backend' | 'rule' | 'seed' | 'palette' | 'scale'>;

/** The code that draws the map on the stage with the packages of npm. */
export function snippet({ net, backend, rule, seed, palette, scale }: Asked): string {
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

const explanation = await cm.explain(picture, { rule: '${rule}', seed: '${seed}' });
const map = drawClearMap(explanation, { palette: '${palette}'${SCALE_OPTIONS[scale]} });
context.putImageData(new ImageData(map.data, map.width), 0, 0);`;
}
