import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clearmaps } from '../src/index.ts';
import { expectAsOracle, missing, openEngines, photoNames } from './squeezenet-photos.ts';

/** The paper's ten breeds stand next to one another in ImageNet. */
const breeds = Array.from({ length: 10 }, (_, i) => 151 + i);

describe.skipIf(missing)(
  `SqueezeNet 1.1, from a LayersModel and from ONNX, on wasm and native, forward in float32 and in float64${missing}`,
  () => {
    let engines: ReadonlyMap<string, Clearmaps>;
    beforeAll(async () => {
      engines = await openEngines(['LayersModel', 'ONNX']);
    });
    afterAll(async () => {
      for (const cm of engines?.values() ?? []) await cm.dispose();
    });

    it('is asked about ten photos', () => expect(photoNames).toHaveLength(10));

    it.for(photoNames)('responds to ten breeds in %s as loops in float64 do', (photo, { annotate }) =>
      expectAsOracle(engines, photo, { rules: ['guided', 'deconvnet', 'linear'], breeds }, annotate),
    );
  },
);
