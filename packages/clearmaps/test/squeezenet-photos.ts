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
import { Float64Net, type UndecidedSign } from './float64-net.ts';

const folder = sharedFolder('models/squeezenet1.1');
const photos = sharedFolder('data/dog-photos');

type Format = 'LayersModel' | 'ONNX';

/** As the command line takes it. */
const EXACT = 'native, forward auto';

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

/** Every backend with the model from every kind of file, native also as it decides in float64. */
export async function openEngines(formats: readonly Format[]): Promise<ReadonlyMap<string, Clearmaps>> {
  const engines = new Map<string, Clearmaps>();
  for (const format of formats) {
    const model = await squeezenet(format);
    const backends = { wasm: wasm(), native: native(), [EXACT]: native({ forward: 'auto' }) };
    for (const [name, backend] of Object.entries(backends))
      engines.set(`${format} on ${name}`, await createClearmaps({ model, backends: [backend] }));
  }
  return engines;
}

/** Relative to the maximum. */
const TOLERANCE = 1e-4;

/**
 * Most that a response of an engine in float32 may differ by, relative to the maximum, where several signs at once are
 * too close for it.
 */
const NEAR_TIE = 1e-2;

/** How far below its window's maximum, relative to the layer's, a value may be that float32 takes for it. */
const FLOAT32_STEPS = 2 ** -20;

/** Engines whose responses all stay within the tolerance on these photos, without anything to explain. */
const STRICT = new RegExp(`on (wasm|${EXACT})$`);

/** Of engines that decide every sign and switch as float64 does: what is left is the float32 of the way back. */
const EXACT_TOLERANCE = 1e-5;

/**
 * Scores, switches and responses of all engines are those of loops in float64, which read the LayersModel. In float32
 * a pool may take another of values that are too near to one another, and a ReLU's input that is too near to zero may
 * have either sign: a response is then that of these switches, and of one such sign.
 *
 * @param notes is told the largest difference of each engine that nothing of this explains, and what was explained
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
  expect(oracle.undecided().length, 'signs that float32 cannot tell').toBeLessThan(100);
  const largest = new Map([...engines.keys()].map((engine) => [engine, 0]));
  for (const rule of rules) {
    const expected = breeds.map((breed) => oracle.respond(FEATURE_MAP, rule, breed));
    for (const [engine, cm] of engines) {
      const pools = cm.model.layers.filter(({ type }) => type === 'maxPool2d').map(({ name }) => name);
      const asked = { rule, classes: breeds, responses: true, layers: pools } as const;
      const { logits, responses, layers } = await cm.explain(image, asked);
      expect(difference(logits, oracle.output('pool10')), `${engine}, ${rule}: scores`).toBeLessThan(
        TOLERANCE,
      );
      const switches = layers!.map((layer) => layer.switches!);
      const others = countOthers(switches, oracle.switches());
      if (engine.endsWith(EXACT)) expect(others, `${engine}: other switches`).toEqual([0, 0, 0]);
      expect(oracle.below(switches), `${engine}: the most wrong switch`).toBeLessThan(FLOAT32_STEPS);
      const size = responses!.length / breeds.length;
      const missed: Missed[] = [];
      for (const [row, breed] of breeds.entries()) {
        const found = responses!.subarray(row * size, (row + 1) * size);
        const off = difference(found, expected[row]!);
        const where = `${engine}, ${rule}, class ${breed}: ${off.toExponential(1)}`;
        if (engine.endsWith(EXACT)) expect(off, where).toBeLessThan(EXACT_TOLERANCE);
        let left = off;
        if (off >= TOLERANCE) {
          expect(engine, where).not.toMatch(STRICT);
          const decided = withDecisions(oracle, found, rule, breed, switches);
          expect(decided.left, where).toBeLessThan(rule === 'guided' ? NEAR_TIE : TOLERANCE);
          missed.push({ off, ...decided });
          left = decided.left;
        }
        largest.set(engine, Math.max(largest.get(engine)!, left));
      }
      if (missed.length > 0) await notes(`${engine}, ${rule}: ${saidOf(missed, others)}`);
    }
  }
  const figures = [...largest].map(([engine, most]) => `${engine} ${most.toExponential(1)}`);
  await notes(`largest differences that nothing explains: ${figures.join(', ')}`);
}

/** A response that is not that of float64. */
interface Missed {
  readonly off: number;
  /** How far it is from one with the engine's own switches, and with that sign. */
  readonly left: number;
  readonly sign?: UndecidedSign;
}

/** The response of float64 with the switches that an engine took, and where these are not all, with the sign that fits best. */
function withDecisions(
  oracle: Float64Net,
  found: Float32Array,
  rule: Rule,
  breed: number,
  switches: readonly Int32Array[],
): Omit<Missed, 'off'> {
  const from = (signs: readonly UndecidedSign[]): number =>
    difference(found, oracle.respond(FEATURE_MAP, rule, breed, { switches, signs }));
  const left = from([]);
  if (left < TOLERANCE || rule !== 'guided') return { left };
  const tried = oracle.undecided().map((sign) => ({ left: from([sign]), sign }));
  return tried.reduce<Omit<Missed, 'off'>>((best, one) => (one.left < best.left ? one : best), { left });
}

function saidOf(missed: readonly Missed[], others: readonly number[]): string {
  const most = (of: 'off' | 'left'): string => Math.max(...missed.map((one) => one[of])).toExponential(1);
  const signs = new Set(missed.flatMap(({ sign }) => (sign ? [`${sign.layer}[${sign.at}]`] : [])));
  const why = [
    `its own switches (${others.join(' + ')} others)`,
    ...[...signs].map((sign) => `the other sign at ${sign}`),
  ];
  return `${missed.length} responses off by up to ${most('off')}, by ${most('left')} from those with ${why.join(' and ')}`;
}

/** Of each pool, how many switches are not the same. */
function countOthers(switches: readonly Int32Array[], expected: readonly Int32Array[]): number[] {
  expect(switches.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  return switches.map((places, k) =>
    places.reduce((count, place, at) => count + Number(place !== expected[k]![at]), 0),
  );
}

function difference(found: Float32Array, expected: Float64Array): number {
  let [most, worst] = [0, 0];
  for (const [i, value] of expected.entries()) {
    most = Math.max(most, Math.abs(value));
    worst = Math.max(worst, Math.abs(value - found[i]!));
  }
  return worst / most;
}
