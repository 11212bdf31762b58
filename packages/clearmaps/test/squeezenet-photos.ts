import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LayerGraph, Rule } from '@clearmaps/deconvnet/graph';
import { wellKnownPreprocessing } from '@clearmaps/models';
import { readModel } from '@clearmaps/models/node';
import { expect } from 'vitest';
import { sharedFolder } from '../../models/test/shared-files.ts';
import { toNetworkInput } from '../src/explain-image.ts';
import { type Clearmaps, createClearmaps } from '../src/index.ts';
import { native } from '../src/node.ts';
import { readPictureFile } from '../src/picture-files.ts';
import { wasm } from '../src/wasm.ts';
import { Float64Net } from './float64-net.ts';

const folder = sharedFolder('models/squeezenet1.1');
const photos = sharedFolder('data/dog-photos');

type Format = 'LayersModel' | 'ONNX';

/** The layer whose output is z_L. */
const FEATURE_MAP = 'conv10_relu';

/** One photo of each of the paper's ten breeds. */
export const photoNames: readonly string[] = photos.missing ? [] : readdirSync(photos.path).sort();

/** Says so where the research data is not there. */
export const missing = folder.missing || photos.missing;

async function squeezenet(format: Format): Promise<LayerGraph> {
  const model = await readModel(join(folder.path, format === 'ONNX' ? 'squeezenet1.1.onnx' : 'model.json'));
  return { ...model, preprocessing: wellKnownPreprocessing(model)! };
}

async function networkInput(photo: string, model: LayerGraph): Promise<Float32Array> {
  return toNetworkInput(await readPictureFile(join(photos.path, photo)), model);
}

/** Every backend with the model from every kind of file. */
export async function openEngines(formats: readonly Format[]): Promise<ReadonlyMap<string, Clearmaps>> {
  const engines = new Map<string, Clearmaps>();
  for (const format of formats) {
    const model = await squeezenet(format);
    for (const backend of [wasm(), native()])
      engines.set(`${format} on ${backend.name}`, await createClearmaps({ model, backends: [backend] }));
  }
  return engines;
}

/** Relative to the maximum. */
const TOLERANCE = 1e-4;

/**
 * Most that a few responses of the native engine may differ by, relative to the maximum, where values are too close for
 * float32 and no single ReLU's sign explains it. Measured: up to 1.4e-3, under `linear`, which has only pools to
 * decide; wide, since a pool that decides otherwise moves a response as a whole.
 */
const NEAR_TIE = 1e-2;

/** Engines whose responses all stay within the tolerance on these photos. */
const STRICT = /on wasm$/;

/**
 * Scores and responses of all engines are those of loops in float64, which read the LayersModel. Where a ReLU's input
 * is too near to zero for float32 to tell its sign, a response may be that of either sign; what that does not explain
 * is bounded by `NEAR_TIE` and noted.
 *
 * @param notes is told the largest difference of each engine, and of each response that took the other sign
 */
export async function expectAsOracle(
  engines: ReadonlyMap<string, Clearmaps>,
  photo: string,
  { rules, breeds }: { readonly rules: readonly Rule[]; readonly breeds: readonly number[] },
  notes: (note: string) => Promise<unknown>,
): Promise<void> {
  const model = await squeezenet('LayersModel');
  const image = await networkInput(photo, model);
  const oracle = new Float64Net(model, image);
  const undecided = oracle.undecided();
  expect(undecided.length, 'signs that float32 cannot tell').toBeLessThan(100);
  const largest = new Map([...engines.keys()].map((engine) => [engine, 0]));
  for (const rule of rules) {
    const expected = breeds.map((breed) => oracle.respond(FEATURE_MAP, rule, breed));
    for (const [engine, cm] of engines) {
      const { logits, responses } = await cm.explain(image, { rule, classes: breeds, responses: true });
      expect(difference(logits, oracle.output('pool10')), `${engine}, ${rule}: scores`).toBeLessThan(
        TOLERANCE,
      );
      const size = responses!.length / breeds.length;
      for (const [row, breed] of breeds.entries()) {
        const found = responses!.subarray(row * size, (row + 1) * size);
        let least = difference(found, expected[row]!);
        if (least >= TOLERANCE) {
          const where = `${engine}, ${rule}, class ${breed}: ${least.toExponential(1)}`;
          const differences = undecided.map((sign) =>
            difference(found, oracle.respond(FEATURE_MAP, rule, breed, [sign])),
          );
          expect(engine, where).not.toMatch(STRICT);
          const turned = Math.min(...differences);
          if (turned < TOLERANCE) {
            const { layer, at } = undecided[differences.indexOf(turned)]!;
            await notes(`${where}, and ${turned.toExponential(1)} with the other sign at ${layer}[${at}]`);
            least = turned;
          } else {
            expect(least, where).toBeLessThan(NEAR_TIE);
            await notes(`${where}, which no one sign explains`);
          }
        }
        largest.set(engine, Math.max(largest.get(engine)!, least));
      }
    }
  }
  const figures = [...largest].map(([engine, most]) => `${engine} ${most.toExponential(1)}`);
  await notes(`largest differences: ${figures.join(', ')}`);
}

function difference(found: Float32Array, expected: Float64Array): number {
  let [most, worst] = [0, 0];
  for (const [i, value] of expected.entries()) {
    most = Math.max(most, Math.abs(value));
    worst = Math.max(worst, Math.abs(value - found[i]!));
  }
  return worst / most;
}
