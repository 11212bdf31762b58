import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Conv2dLayer, LayerGraph } from '@clearmaps/deconvnet';
import { svhnNet } from '@clearmaps/models';
import { readLayersModel, writeLayersModel } from '@clearmaps/models/node';
import { expect, test } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

const TINY = fileURLToPath(new URL('../../../../shared/data/stanford-dogs-tiny', import.meta.url));
/** The first convolution of Table 3 on pictures of 8x8 pixels, and its end. */
function smallNet(): LayerGraph {
  const { layers, ...net } = svhnNet({ seed: 1, inputShape: [8, 8, 3] });
  const end = layers.slice(-3) as [Conv2dLayer, ...LayerGraph['layers']];
  const kernel = { shape: [1, 1, 32, 10], values: end[0].kernel.values.subarray(0, 320) };
  return {
    ...net,
    layers: [...layers.slice(0, 2), { ...end[0], inputs: [layers[1]!.name], kernel }, ...end.slice(1)],
  };
}

const whenThere = existsSync(TINY) ? '' : ` [SKIPPED: no pictures of dogs at ${TINY}]`;

test('train dogs says what it needs and where to get it', async () => {
  const out = join(temporaryFolder(), 'out');
  const unarmed = await runCli(['train', 'dogs', '--data', '.', '--out', out]);
  expect(unarmed.stderr).toMatch(/no --weights.*models fetch vgg16/s);
  const untaught = await runCli(['train', 'dogs', '--weights', 'svhn', '--out', out]);
  expect(untaught.stderr).toMatch(/no --data.*data fetch dogs/s);
  const empty = ['--data', temporaryFolder()];
  const lacking = await runCli(['train', 'dogs', '--weights', 'svhn', '--out', out, ...empty]);
  expect(lacking.stderr).toMatch(/no lists.*ImageNetDogs/s);
  expect([unarmed.code, untaught.code]).toEqual([2, 2]);
});

test.skipIf(whenThere)(
  `train dogs gives a frozen net a new head, and computes its features once${whenThere}`,
  async () => {
    const weights = temporaryFolder();
    const base = smallNet();
    await writeLayersModel(base, weights);
    const out = temporaryFolder();
    const run = [
      ...['train', 'dogs', '--data', TINY, '--weights', weights, '--out', out, '--backend', 'wasm', '--crop'],
      ...['--breeds', 'n02085620,standard poodle', '--epochs', '2', '--held-out', '0.2'],
    ];
    const { code, stdout } = await runCli(run);
    expect(code).toBe(0);
    expect(stdout).toMatch(/640 pictures, measured on 160 held out.*% of 160 held out right \(95 %:/s);
    const features = readdirSync(out).filter((name) => name.startsWith('features-'));
    expect(features).toEqual([expect.stringMatching(/\.bin$/)]);
    const model = await readLayersModel(out);
    expect(model.classNames).toEqual(['Chihuahua', 'standard poodle']);
    expect(model.layers.slice(0, -3)).toEqual(base.layers.slice(0, -3));
    const { data, best } = JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'));
    expect(data.images).toBe(1600);
    expect(best.heldOutConfusion.flat().reduce((x: number, y: number) => x + y)).toBe(160);
    // From the cache: the pictures' own folder is still read, for the key, but no layer is run.
    const again = await runCli(run);
    expect(again.stdout.replace(/ \d+ s.*/g, '')).toBe(stdout.replace(/ \d+ s.*/g, ''));
    expect(again.stderr).not.toMatch(/features/);
  },
);

test.skipIf(whenThere)(`train dogs does without annotations unless it is to crop${whenThere}`, async () => {
  const data = temporaryFolder();
  for (const part of ['Images', 'lists']) symlinkSync(join(TINY, part), join(data, part));
  mkdirSync(join(data, 'out'));
  const run = ['train', 'dogs', '--data', data, '--weights', 'svhn', '--out', join(data, 'out')];
  const { stderr, code } = await runCli([...run, '--breeds', 'all', '--crop', '--backend', 'cpu']);
  expect(stderr).toMatch(/no Annotation/);
  expect(code).not.toBe(0);
});
