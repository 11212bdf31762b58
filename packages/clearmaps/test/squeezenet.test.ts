import { describe, it } from 'vitest';
import { expectAsOracle, missing, openEngines } from './squeezenet-photos.ts';

describe.skipIf(missing)(`SqueezeNet 1.1 and a photo of a Chihuahua${missing}`, () => {
  it('responds as loops in float64 do', async ({ annotate }) => {
    const engines = await openEngines(['LayersModel']);
    const asked = { rules: ['guided', 'linear'], breeds: [151, 157] } as const;
    await expectAsOracle(engines, 'n02085620_Chihuahua.JPEG', asked, annotate);
    for (const cm of engines.values()) await cm.dispose();
  }, 120_000);
});
