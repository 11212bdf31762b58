import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

test('train images learns class folders of any picture size, and explain takes the model by its path', async () => {
  const data = temporaryFolder();
  for (const [name, background] of [
    ['green', '#10a020'],
    ['violet', '#7010c0'],
  ] as const) {
    mkdirSync(join(data, name));
    for (let i = 0; i < 12; i++) {
      const size = { width: 40 + i, height: 70 - i, channels: 3 as const };
      await sharp({ create: { ...size, background } })
        .jpeg()
        .toFile(join(data, name, `${i}.jpg`));
    }
  }
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
  const picture = join(data, 'violet', '3.jpg');
  const maps = await runCli(['explain', picture, '--model', out, '--out', temporaryFolder(), '--json']);
  expect(JSON.parse(maps.stdout).results[0].predicted.name).toBe('violet');
});

test('train images says what it needs', async () => {
  const { code, stderr } = await runCli(['train', 'images', '--out', join(temporaryFolder(), 'out')]);
  expect(stderr).toMatch(/no --data.*folder of pictures a class/);
  expect(code).toBe(2);
});
