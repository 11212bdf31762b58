import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageAt } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { float32sOf, int32sOf, npyOf, parseNpy } from './numpy-format.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

let digits: Awaited<ReturnType<typeof readBundledMnist>>;
beforeAll(async () => {
  digits = await readBundledMnist({ from: import.meta.url });
});

/** The network input of a digit, by the rule that the model card states: bytes over 255. */
const inputOf = (index: number): Float32Array =>
  Float32Array.from(imageAt(digits, index), (byte) => byte / 255);

async function explainJson(...args: string[]): Promise<{ out: string; results: ExplainResult[] }> {
  const out = temporaryFolder();
  const { code, stdout, stderr } = await runCli(['explain', ...args, '--out', out, '--json']);
  expect(stderr).not.toContain('rror');
  expect(code).toBe(0);
  return { out, results: (JSON.parse(stdout) as { results: ExplainResult[] }).results };
}

interface ExplainResult {
  readonly input: string;
  readonly predicted: { readonly class: number; readonly probability: number };
  readonly true?: { readonly class: number };
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
  readonly logits: readonly number[];
  readonly dominantShare: Readonly<Record<string, number>>;
  readonly sheet: string;
  readonly arrays?: readonly string[];
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i]!, 3);
}

describe('explain', () => {
  test('writes one sheet a digit and says what the net decided', async () => {
    const { out, results } = await explainJson('mnist:0', 'mnist:7');
    expect(readdirSync(out).sort()).toEqual(['mnist-0.png', 'mnist-7.png']);
    for (const { input, predicted, true: truth, probabilities, sheet } of results) {
      expect(truth?.class).toBe(digits.labels[Number(input.slice(6))]);
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(predicted.probability).toBe(Math.max(...probabilities));
      const { width, height, format } = await sharp(sheet).metadata();
      expect(format).toBe('png');
      expect(Math.min(width, height)).toBeGreaterThan(400);
    }
  });

  test('saves arrays in the shapes, types and class order that were asked for', async () => {
    const { out, results } = await explainJson('mnist:3', '--classes', '5,3,8', '--save-arrays');
    expect(results[0]!.classes).toEqual([5, 3, 8]);
    const read = (what: string) => parseNpy(readFileSync(join(out, `mnist-3.${what}.npy`)));
    const responses = read('responses');
    expect([responses.descr, responses.shape, responses.fortran]).toEqual(['<f4', [3, 28, 28, 1], false]);
    const dominantClass = read('dominant-class');
    expect([dominantClass.descr, dominantClass.shape]).toEqual(['<i4', [28, 28]]);
    const dominantResponse = read('dominant-response');
    expect([dominantResponse.descr, dominantResponse.shape]).toEqual(['<f4', [28, 28]]);
    const logits = read('logits');
    expect([logits.descr, logits.shape]).toEqual(['<f4', [10]]);
    expect(Array.from(float32sOf(logits))).toEqual(results[0]!.logits);

    const r = float32sOf(responses);
    const d = float32sOf(dominantResponse);
    const order = [5, 3, 8];
    int32sOf(dominantClass).forEach((c, pixel) => {
      const row = order.indexOf(c);
      const values = [0, 1, 2].map((k) => r[k * 784 + pixel]!);
      expect(values[row]).toBe(d[pixel]);
      expect(Math.max(...values)).toBe(d[pixel]);
      // The first of the classes asked for wins a tie.
      expect(values.indexOf(d[pixel]!)).toBe(row);
    });
    expect(Math.max(...d)).toBeGreaterThan(0);
  });

  test('takes the K most probable classes, most probable first', async () => {
    const { results } = await explainJson('mnist:4', '--classes', 'top:3');
    const { classes, logits } = results[0]!;
    const best = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 3);
    expect(classes).toEqual(best);
    expect(Object.keys(results[0]!.dominantShare).map(Number).sort()).toEqual([...best].sort());
  });

  test('saves the responses of a method, which come all at once, as those that come in turns', async () => {
    const kept = ['--classes', '5,3', '--save-arrays'];
    const byRule = await explainJson('mnist:3', '--rule', 'gradient', '--seed', 'unit', ...kept);
    const byMethod = await explainJson('mnist:3', '--method', 'gradient', '--set', 'seed=unit', ...kept);
    const responsesIn = (out: string) => readFileSync(join(out, 'mnist-3.responses.npy'));
    expect(responsesIn(byMethod.out).equals(responsesIn(byRule.out))).toBe(true);
  });

  test.each([
    [28, 28, 1],
    [1, 28, 28, 1],
  ])('reads raw network input of shape [%i, %i, %i, ...]', async (...shape) => {
    const folder = temporaryFolder();
    const path = join(folder, 'digit.npy');
    writeFileSync(path, npyOf(inputOf(11), shape));
    const raw = await explainJson('--input-array', path, '--save-arrays');
    const digit = await explainJson('mnist:11', '--save-arrays');
    expect(raw.results[0]!.logits).toEqual(digit.results[0]!.logits);
    const bytes = ({ out }: { out: string }, name: string) =>
      readFileSync(join(out, `${name}.responses.npy`));
    expect(bytes(raw, 'digit').equals(bytes(digit, 'mnist-11'))).toBe(true);
  });

  test('decides a digit the same whether it comes from the package or from a picture of it', async () => {
    const folder = temporaryFolder();
    const image = sharp(Buffer.from(imageAt(digits, 5)), { raw: { width: 28, height: 28, channels: 1 } });
    const light = join(folder, 'light.png');
    const dark = join(folder, 'dark.png');
    await image.clone().png().toFile(light);
    await image.clone().negate().png().toFile(dark);
    const expected = (await explainJson('mnist:5')).results[0]!.logits;
    const fromPicture = (await explainJson(light)).results[0]!.logits;
    const inverted = (await explainJson(dark, '--invert')).results[0]!.logits;
    expectClose(fromPicture, expected);
    expectClose(inverted, expected);
  });

  test('scales, turns upright and names apart pictures of any size and the same name', async () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    const image = sharp(Buffer.from(imageAt(digits, 5)), { raw: { width: 28, height: 28, channels: 1 } });
    await image.clone().resize(280, 280, { kernel: 'nearest' }).jpeg().toFile(join(a, 'digit.jpg'));
    // Orientation 6: the viewer turns the picture clockwise by a quarter.
    await image
      .clone()
      .rotate(-90)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toFile(join(b, 'digit.jpg'));
    const { results, out } = await explainJson(join(a, 'digit.jpg'), join(b, 'digit.jpg'));
    expect(readdirSync(out).sort()).toEqual(['digit-2.png', 'digit.png']);
    const expected = (await explainJson('mnist:5')).results[0]!.predicted.class;
    expect(results.map(({ predicted }) => predicted.class)).toEqual([expected, expected]);
  });

  test('draws the panels, scale and palette that were asked for', async () => {
    const sizes = new Map<string, number>();
    for (const panels of ['clear', 'clear,overlay,responses']) {
      const { results } = await explainJson(
        'mnist:2',
        '--panels',
        panels,
        '--classes',
        '2,7',
        '--palette',
        'okabe-ito',
      );
      const { width, height } = await sharp(results[0]!.sheet).metadata();
      sizes.set(panels, width * height);
    }
    expect(sizes.get('clear,overlay,responses')).toBeGreaterThan(sizes.get('clear')!);
    const max = await explainJson('mnist:2', '--panels', 'clear');
    const dim = await explainJson('mnist:2', '--panels', 'clear', '--scale', 'fixed:1e9');
    expect(readFileSync(max.results[0]!.sheet).equals(readFileSync(dim.results[0]!.sheet))).toBe(false);
  });

  test('changes with the rule and the seed', async () => {
    const maps = new Set<string>();
    for (const rule of ['linear', 'deconvnet', 'gradient', 'guided']) {
      for (const seed of ['activation', 'unit']) {
        const { out } = await explainJson('mnist:8', '--rule', rule, '--seed', seed, '--save-arrays');
        maps.add(readFileSync(join(out, 'mnist-8.dominant-response.npy')).toString('hex'));
      }
    }
    expect(maps.size).toBe(8);
  });

  test('gives the same answer on cpu and wasm', async () => {
    const [cpu, wasm] = [
      await explainJson('mnist:9', '--backend', 'cpu'),
      await explainJson('mnist:9', '--backend', 'wasm'),
    ];
    expectClose(cpu.results[0]!.logits, wasm.results[0]!.logits);
  });

  test('prints one line an input for people', async () => {
    const { code, stdout } = await runCli(['explain', 'mnist:0', '--out', temporaryFolder()]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mnist:0: \d \(\d+\.\d %\) {2}.+mnist-0\.png\n$/);
  });
});
