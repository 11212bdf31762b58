import { expect, it } from 'vitest';
import { type Composite, layerRuleOf, planFor } from '../src/graph.ts';
import { smallNet } from './small-nets.ts';

it('of a composite the first choice counts that fits a layer', () => {
  const composite: Composite = [
    { position: 'first', rule: { type: 'flat' } },
    { name: 'scores', rule: { type: 'epsilon', epsilon: 0.1 } },
    { type: 'conv2d', rule: { type: 'zPlus' } },
  ];
  const plan = planFor(smallNet(), composite);
  const rules = ['conv_1', 'conv_2', 'scores'].map((name) => {
    const layer = plan.layers.get(name)!;
    return layer.type === 'conv2d' && layerRuleOf(plan, layer, composite);
  });
  expect(rules).toEqual([{ type: 'flat' }, { type: 'zPlus' }, { type: 'epsilon', epsilon: 0.1 }]);
});
