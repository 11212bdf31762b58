import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conv2dLayer, LayerGraph } from '@clearmaps/deconvnet';
import { svhnNet } from '@clearmaps/models';
import { readLayersModel, writeLayersModel } from '@clearmaps/models/node';
import type { FoldResult } from '@clearmaps/training';
import { expect, test } from 'vitest';
import { sharedFolder } from '../../../packages/models/test/shared-files.ts';
import { colouredDogs } from './coloured-dogs.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const { path: TINY, missing } = sharedFolder('data/stanford-dogs-tiny');
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

/** Breeds that a net can tell apart at a glance, with or without a test list. */
function threeBreeds(counts: Readonly<Record<string, number>>): Promise<string> {
  return colouredDogs(
    {
      'n02085620-Chihuahua': [180, 20, 20],
      'n02088094-Afghan_hound': [20, 150, 30],
      'n02086240-Shih-Tzu': [30, 30, 190],
    },
    counts,
  );
}

async function savedNet(): Promise<string> {
  const weights = temporaryFolder();
  await writeLayersModel(smallNet(), weights);
  return weights;
}

const kernelOf = ({ layers }: LayerGraph, name: string): Float32Array =>
  (layers.find((layer) => layer.name === name) as Conv2dLayer).kernel.values;

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

test.skipIf(missing)(
  `train dogs gives a frozen net a new head, and computes its features once${missing}`,
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

test.skipIf(missing)(`train dogs does without annotations unless it is to crop${missing}`, async () => {
  const data = temporaryFolder();
  for (const part of ['Images', 'lists']) symlinkSync(join(TINY, part), join(data, part));
  mkdirSync(join(data, 'out'));
  const run = ['train', 'dogs', '--data', data, '--weights', 'svhn', '--out', join(data, 'out')];
  const { stderr, code } = await runCli([...run, '--breeds', 'all', '--crop', '--backend', 'cpu']);
  expect(stderr).toMatch(/no Annotation/);
  expect(code).not.toBe(0);
});

test.each([
  ['a head', []],
  ['a whole net', ['--fine-tune', '--size', '12', '--workers', '2']],
])(
  'train dogs, interrupted and resumed, gives %s the weights of an uninterrupted run',
  async (_what, how) => {
    const data = await threeBreeds({ train_list: 8 });
    const shared = [
      'train',
      'dogs',
      '--data',
      data,
      '--weights',
      await savedNet(),
      '--breeds',
      'all',
      ...how,
    ];
    const run = [...shared, '--backend', 'wasm', '--epochs', '4', '--batch', '4', '--held-out', '0.25'];
    const [whole, halves] = [temporaryFolder(), temporaryFolder()];
    const uninterrupted = await runCli([...run, '--out', whole]);
    expect(uninterrupted.code).toBe(0);
    const interrupt = new AbortController();
    const watch = setInterval(() => {
      if (readdirSync(halves).includes('checkpoint.bin')) interrupt.abort();
    }, 1);
    const stopped = await runCli([...run, '--out', halves], interrupt.signal);
    clearInterval(watch);
    expect(stopped.code).toBe(130);
    expect(readdirSync(halves)).toContain('checkpoint.bin');
    expect(readdirSync(halves)).not.toContain('model.json');

    const resumed = await runCli([...run, '--out', halves, '--resume']);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).not.toMatch(/epoch 1\//);
    const bytes = (folder: string): Buffer => readFileSync(join(folder, 'weights.bin'));
    expect(bytes(halves).equals(bytes(whole))).toBe(true);
    const record = (folder: string) => JSON.parse(readFileSync(join(folder, 'training.json'), 'utf8'));
    expect(record(halves).best).toEqual(record(whole).best);
    expect(readdirSync(halves).sort()).toEqual(readdirSync(whole).sort());
  },
);

test.each([
  ['a head', []],
  ['a whole net', ['--fine-tune', '--size', '12', '--workers', '1', '--robustness', '--mirror-at-test']],
])('train dogs --folds measures %s on every picture, stopped and resumed too', async (_what, how) => {
  const data = await threeBreeds({ train_list: 8 });
  const run = [
    ...['train', 'dogs', '--data', data, '--weights', await savedNet(), '--breeds', 'all', ...how],
    ...['--backend', 'wasm', '--epochs', '3', '--batch', '4', '--folds', '3'],
  ];
  const [whole, halves] = [temporaryFolder(), temporaryFolder()];
  const { code, stdout } = await runCli([...run, '--out', whole]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/24 pictures in 3 folds.*fold 3\/3: .*cross-validated: \d+ of 24 right.*\(95 %:/s);
  const record = (folder: string) => JSON.parse(readFileSync(join(folder, 'cross-validation.json'), 'utf8'));
  expect(record(whole)).toMatchObject({ data: { images: how.length ? 24 : 48 }, pooled: { images: 24 } });
  expect(record(whole).options.mirrorAtTest).toBe(how.length ? true : undefined);
  // Nothing is left to measure a net on.
  const made = readdirSync(whole).filter((name) => !name.startsWith('features-'));
  expect(made).toEqual(['cross-validation.json']);

  const early = await runCli([...run, '--out', halves, '--resume']);
  expect(early.stderr).toMatch(/fold-checkpoint\.bin: got no file/);
  const interrupt = new AbortController();
  const watch = setInterval(() => {
    const files = readdirSync(halves);
    if (files.includes('cross-validation.json') && files.includes('fold-checkpoint.bin')) interrupt.abort();
  }, 1);
  expect((await runCli([...run, '--out', halves], interrupt.signal)).code).toBe(130);
  clearInterval(watch);
  expect(record(halves).folds.length).toBeLessThan(3);
  const resumed = await runCli([...run, '--out', halves, '--resume']);
  expect(resumed.stdout).not.toMatch(/fold 1\//);
  expect(record(halves)).toEqual(record(whole));
  expect(readdirSync(halves).sort()).toEqual(readdirSync(whole).sort());
  const other = await runCli([...run, '--out', halves, '--resume', '--epochs', '2']);
  expect(other.stderr).toMatch(/resumed cross-validation: options/);
  for (const [text, message] of [
    ['<html>', /--folds --resume: .*: got something that is no JSON; allowed: the record/],
    ['null', /got another file, or a record without its splits/],
  ] as const) {
    writeFileSync(join(halves, 'cross-validation.json'), text);
    expect((await runCli([...run, '--out', halves, '--resume'])).stderr).toMatch(message);
  }
});

test('train dogs --folds also makes a net where a test list is left to measure it on', async () => {
  const data = await threeBreeds({ train_list: 6, test_list: 4 });
  const out = temporaryFolder();
  const run = [
    ...['train', 'dogs', '--data', data, '--weights', await savedNet(), '--breeds', 'all', '--out', out],
    ...['--backend', 'wasm', '--epochs', '1', '--folds', '2'],
  ];
  const { code, stdout } = await runCli(run);
  expect(code).toBe(0);
  expect(stdout).toMatch(/cross-validated: \d+ of 18 right.*measured on 12 of the test list/s);
  expect(readdirSync(out)).toEqual(expect.arrayContaining(['cross-validation.json', 'model.json']));
  // Before the net is read, and before a backend starts.
  const both = await runCli([...run, '--held-out', '0.5', '--weights', join(data, 'none')]);
  expect(both.stderr).toMatch(/--held-out: got 12 pictures in test_list\.mat/);
});

test('train dogs --folds --held-out leaves alone what the same command without --folds measures on', async () => {
  const data = await threeBreeds({ train_list: 8 });
  const run = [
    ...['train', 'dogs', '--data', data, '--weights', await savedNet(), '--breeds', 'all'],
    ...['--backend', 'wasm', '--epochs', '1', '--held-out', '0.25'],
  ];
  const [choosing, final] = [temporaryFolder(), temporaryFolder()];
  const { stdout } = await runCli([...run, '--out', choosing, '--folds', '3']);
  expect(stdout).toMatch(/18 pictures in 3 folds, 6 left out.*cross-validated: \d+ of 18 right/s);
  expect((await runCli([...run, '--out', final])).code).toBe(0);
  const { folds } = JSON.parse(readFileSync(join(choosing, 'cross-validation.json'), 'utf8'));
  const { split } = JSON.parse(readFileSync(join(final, 'training.json'), 'utf8'));
  expect(split.counts.heldOut).toBe(6);
  expect(folds.map((fold: FoldResult) => fold.split.fold)).toEqual(
    [1, 2, 3].map((number) => ({ number, of: 3, within: split.checksum })),
  );
});

test('train dogs --fine-tune changes the inner layers too, of pictures in the size asked for', async () => {
  const data = await threeBreeds({ train_list: 9, test_list: 4 });
  const out = temporaryFolder();
  const run = ['train', 'dogs', '--data', data, '--breeds', 'all', '--backend', 'wasm', '--workers', '1'];
  const { code, stdout } = await runCli([
    ...[...run, '--weights', await savedNet(), '--out', out, '--fine-tune', '--size', '12'],
    ...['--epochs', '25', '--batch', '9'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/27 pictures, measured on 12 of the test list.*100\.00 % of 12/s);
  const model = await readLayersModel(out);
  expect(model.inputShape).toEqual([12, 12, 3]);
  expect(kernelOf(model, 'conv_1')).not.toEqual(kernelOf(smallNet(), 'conv_1'));
  const { options } = JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'));
  expect(options.augmentation).toMatchObject({ flip: true });
  // What comes out is one net that explains itself.
  const picture = join(data, 'Images', 'n02086240-Shih-Tzu', 'n02086240_test_list_0.jpg');
  const maps = await runCli(['explain', picture, '--model', out, '--out', temporaryFolder(), '--json']);
  expect(JSON.parse(maps.stdout).results[0].predicted.name).toBe('Shih-Tzu');

  // It knows these breeds, so it keeps its head; what stands before the layer named stays as it is.
  const further = temporaryFolder();
  const more = [
    '--fine-tune',
    '--learn-from',
    'head_classes',
    '--epochs',
    '1',
    '--batch',
    '9',
    '--augment',
    'none',
  ];
  expect((await runCli([...run, '--weights', out, '--out', further, ...more])).code).toBe(0);
  const later = await readLayersModel(further);
  expect(kernelOf(later, 'conv_1')).toEqual(kernelOf(model, 'conv_1'));
  expect(kernelOf(later, 'head_classes')).not.toEqual(kernelOf(model, 'head_classes'));
  const distance = kernelOf(later, 'head_classes').map((w, i) => w - kernelOf(model, 'head_classes')[i]!);
  expect(Math.max(...distance.map(Math.abs))).toBeLessThan(0.01);
});

test('train dogs refuses sizes that the net does not take, and changes of feature maps', async () => {
  const data = await threeBreeds({ train_list: 4 });
  const run = ['train', 'dogs', '--data', data, '--breeds', 'all', '--out', temporaryFolder()];
  const tiny = await runCli([...run, '--weights', 'svhn', '--size', '1']);
  expect(tiny.stderr).toMatch(/pictures of 1x1.*allowed: a size that its layers take, as 32x32/s);
  const bent = await runCli([...run, '--weights', 'svhn', '--augment', 'flip']);
  expect(bent.stderr).toMatch(/--augment: got no --fine-tune.*Add --fine-tune/s);
  expect([tiny.code, bent.code]).toEqual([2, 2]);
});

test.each([
  [['--freeze', 'conv_1'], /got --freeze; allowed: --learn-from LAYER/],
  [['--limit', '100'], /got --limit; allowed: --breeds: the lists go breed by breed/],
  [['--from', 'svhn'], /got --from; allowed: --weights/],
  [['--test', 'dogs'], /got --test; allowed: test_list\.mat/],
  [['--part', 'test'], /got --part; allowed: --data/],
  [['--synthetic', '9'], /got --synthetic; allowed: --augment/],
  [['--fine-tune', '--robustness'], /--robustness: got no --folds/],
  [['--folds', '3', '--robustness'], /--robustness: got no --fine-tune/],
  [['--mirror-at-test'], /--mirror-at-test: got no --fine-tune/],
])('train dogs has no use for %j, and says what has', async (flags, message) => {
  const { stderr, code } = await runCli(['train', 'dogs', '--out', temporaryFolder(), ...flags]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
