import * as models from '@clearmaps/models';
import * as clearmaps from 'clearmaps';
import { expect, test } from 'vitest';
import { snippet } from '../src/panels/snippet.ts';
import { INITIAL } from '../src/state/site-state.ts';

test('the code names what is chosen and imports only what the packages export', () => {
  const code = snippet({
    ...INITIAL,
    backend: 'wasm',
    rule: 'linear',
    palette: 'safe-ten',
    scale: 'per-class',
  });
  expect(code).toContain("backends: [wasm({ paths: '/wasm/' })]");
  expect(code).toContain("rule: 'linear'");
  expect(code).toContain("palette: 'safe-ten', scale: 'per-class'");
  for (const [, names, from] of code.matchAll(/import \{ (.+) \} from '(clearmaps|@clearmaps\/models)'/g)) {
    const exported = from === 'clearmaps' ? clearmaps : models;
    for (const name of names!.split(', ')) expect(exported).toHaveProperty(name);
  }
});
