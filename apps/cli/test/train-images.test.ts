import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLayersModel } from '@clearmaps/models/node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

/** Pictures of one colour a class, of many sizes. */
async function colourFolders(colours: Readonly<Record<string, string>>, count: number): Promise<string> {
  const data = temporaryFolder();
  for (const [name, background] of Object.entries(colours)) {
    mkdirSync(join(data, name));
    for (let i = 0; i < count; i++) {
      const size = { width: 40 + i, height: 70 - i, channels: 3 as const };
      await sharp({ create: { ...size, background } })
        .jpeg()
        .toFile(join(data, name, `${i}.jpg`));
    }
  }
  return data;
}

test('train images learns class folders of any picture size, which evaluate and explain read alike', async () => {
  const data = await colourFolders({ green: '#10a020', violet: '#7010c0' }, 12);
  const out = temporaryFolder();
  const { code, stdout } = await runCli([
    ...['train', 'images', '--data', data, '--out', out, '--epochs', '6', '--batch', '6'],
    ...['--held-out', '0.25', '--workers', '1', '--backend', 'wasm'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/epoch \d: 100\.00 % of the held-out images right/);
  expect(JSON.parse(readFileSync(join(out, 'training.json'), 'utf8')).data.classNames).toEqual([
    'green',
    'violet',
  ]);
  const evaluated = await runCli(['evaluate', '--model', out, '--data', data, '--json']);
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ accuracy: 1, count: 24 });
  // Pictures are cut to their middle for training, so the model says that they are to be.
  expect((await readLayersModel(out)).preprocessing?.resize).toBe('centerCrop');
  const picture = join(data, 'violet', '3.jpg');
  const maps = await runCli(['explain', picture, '--model', out, '--out', temporaryFolder(), '--json']);
  expect(JSON.parse(maps.stdout).results[0].predicted.name).toBe('violet');
});

test('train images measures on other class folders, whose classes it knows by their names', async () => {
  const data = await colourFolders({ amber: '#e0a010', green: '#10a020', violet: '#7010c0' }, 6);
  const flags = ['--epochs', '8', '--batch', '4', '--workers', '1', '--backend', 'wasm'];
  // Without amber, so that green and violet have other places in this folder.
  const known = await colourFolders({ green: '#10a020', violet: '#7010c0' }, 2);
  const out = temporaryFolder();
  const run = ['train', 'images', '--data', data, '--out', out, ...flags];
  expect((await runCli([...run, '--test', known])).code).toBe(0);
  const { best, split } = JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'));
  expect(split.counts.train).toBe(18);
  expect(best.heldOutConfusion.map((row: number[]) => row.reduce((x, y) => x + y))).toEqual([0, 2, 2]);
  const evaluated = await runCli(['evaluate', '--model', out, '--data', known, '--json']);
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ accuracy: best.heldOutAccuracy, count: 4 });

  const strange = await colourFolders({ green: '#10a020', teal: '#108080' }, 2);
  for (const args of [
    [...run, '--test', strange],
    ['evaluate', '--model', out, '--data', strange],
  ]) {
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(/got "teal"; allowed: the classes of the net: amber, green, violet/);
    expect(code).toBe(2);
  }
});

test('a limit takes class folders in turn, to train on and to measure on', async () => {
  const data = await colourFolders({ amber: '#e0a010', green: '#10a020', violet: '#7010c0' }, 6);
  const out = temporaryFolder();
  const flags = ['--data', data, '--limit', '7'];
  const few = ['--epochs', '1', '--batch', '4', '--held-out', '0.45', '--workers', '1', '--backend', 'wasm'];
  expect((await runCli(['train', 'images', ...flags, ...few, '--out', out])).code).toBe(0);
  const record = JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'));
  expect(record.data).toMatchObject({ images: 7, classNames: ['amber', 'green', 'violet'] });
  expect(record.split.counts).toMatchObject({ heldOut: 3, heldOutByClass: [1, 1, 1] });
  const { stdout } = await runCli(['evaluate', '--model', out, ...flags, '--json']);
  const seen = JSON.parse(stdout).confusion.map((row: number[]) => row.reduce((x, y) => x + y));
  expect(seen).toEqual([3, 2, 2]);
});

test('train images says what it needs', async () => {
  const { code, stderr } = await runCli(['train', 'images', '--out', join(temporaryFolder(), 'out')]);
  expect(stderr).toMatch(/no --data.*folder of pictures a class/);
  expect(code).toBe(2);
});
