import { join } from 'node:path';
import { preprocess, wellKnownPreprocessing } from '@clearmaps/models';
import { readLayersModel } from '@clearmaps/models/node';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../../models/test/shared-files.ts';
import { createClearmaps } from '../src/index.ts';
import { native } from '../src/node.ts';
import { wasm } from '../src/wasm.ts';
import { Float64Net } from './float64-net.ts';

const folder = sharedFolder('models/squeezenet1.1');
const photos = sharedFolder('data/dog-photos');

describe.skipIf(folder.missing || photos.missing)(
  `SqueezeNet 1.1 and a photo of a Chihuahua${folder.missing || photos.missing}`,
  () => {
    it('responds as loops in float64 do', async () => {
      const model = await readLayersModel(folder.path);
      const picture = await sharp(join(photos.path, 'n02085620_Chihuahua.JPEG'))
        .resize(256, 256, { fit: 'outside' })
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { data, info } = await sharp(picture.data, { raw: picture.info })
        .extract({ left: 14, top: 14, width: 227, height: 227 })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const image = preprocess(
        { data: new Uint8Array(data), width: info.width, height: info.height, channels: 3 },
        wellKnownPreprocessing(model)!,
        model.inputShape,
      );
      const oracle = new Float64Net(model, image);
      const breeds = [151, 157];
      for (const backend of [wasm(), native()]) {
        const cm = await createClearmaps({ model, backends: [backend] });
        for (const rule of ['deconvnet', 'linear'] as const) {
          const { responses, logits } = await cm.explain(image, { rule, classes: breeds, responses: true });
          expectWithin(logits, oracle.output('pool10'), `${backend.name}: scores`);
          const size = responses!.length / breeds.length;
          for (const [row, c] of breeds.entries()) {
            const expected = oracle.respond('conv10_relu', rule, c);
            expectWithin(
              responses!.subarray(row * size, (row + 1) * size),
              expected,
              `${backend.name}, ${rule}, ${c}`,
            );
          }
        }
        await cm.dispose();
      }
    }, 120_000);
  },
);

/** Relative to the maximum. */
function expectWithin(found: Float32Array, expected: Float64Array, what: string): void {
  const most = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  expect(most, what).toBeGreaterThan(0);
  const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - found[i]!)), 0);
  expect(worst / most, what).toBeLessThan(1e-4);
}
