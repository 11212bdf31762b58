import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { svhnNet } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { mobileNetV2 } from '../../../packages/models/test/torch-nets.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const BGR = { channels: 'bgr', scale: 1, mean: [104, 117, 123], std: [1, 1, 1], resize: 'stretch' };

test('a net that does not say how pictures become its input says so aloud, and takes what stands beside it', async () => {
  const folder = temporaryFolder();
  const { preprocessing: _, ...silent } = svhnNet({ seed: 1 });
  await writeLayersModel(silent, folder);
  const picture = join(folder, 'red.png');
  await sharp({ create: { width: 32, height: 32, channels: 3, background: '#f00' } }).toFile(picture);
  const explain = async (): Promise<{ stderr: string; logits: number[] }> => {
    const args = ['explain', picture, '--model', folder, '--backend', 'wasm', '--json'];
    const { code, stdout, stderr } = await runCli([...args, '--out', temporaryFolder()]);
    expect(code).toBe(0);
    return { stderr, logits: JSON.parse(stdout).results[0].logits };
  };
  const assumed = await explain();
  expect(assumed.stderr).toMatch(/does not say how pictures become its input.*preprocessing\.json/);

  const beside = join(folder, 'preprocessing.json');
  writeFileSync(beside, JSON.stringify(BGR));
  const stated = await explain();
  expect(stated.stderr).not.toContain('preprocessing');
  expect(stated.logits).not.toEqual(assumed.logits);
  const { stdout } = await runCli(['inspect', folder, '--json']);
  expect(JSON.parse(stdout).preprocessing).toEqual(BGR);

  writeFileSync(beside, JSON.stringify({ ...BGR, mean: [104] }));
  const short = await runCli(['inspect', folder]);
  expect(short.stderr).toMatch(/preprocessing\.json\.mean: got .*3 numbers for channels "bgr"/);
  writeFileSync(beside, 'BGR');
  const text = await runCli(['inspect', folder]);
  expect(text.stderr).toMatch(/preprocessing in .*no JSON.*inspect --json/);
  expect([short.code, text.code]).toEqual([2, 2]);
});

test('an ONNX file of an unknown name says aloud that torchvision’s preprocessing is assumed', async () => {
  const folder = temporaryFolder();
  const model = join(folder, 'pets.onnx');
  writeFileSync(model, mobileNetV2('ReduceMean'));
  const picture = join(folder, 'red.png');
  await sharp({ create: { width: 64, height: 64, channels: 3, background: '#f00' } }).toFile(picture);
  const explain = () =>
    runCli(['explain', picture, '--model', model, '--backend', 'wasm', '--out', temporaryFolder()]);
  const assumed = await explain();
  expect(assumed.code).toBe(0);
  expect(assumed.stderr.match(/^Note: .*/gm)).toEqual([
    expect.stringMatching(/^Note: "pets" does not say .*: torchvision's, .* assumed\. A preprocessing\.json/),
  ]);

  writeFileSync(join(folder, 'preprocessing.json'), JSON.stringify(BGR));
  const stated = await explain();
  expect(stated.code).toBe(0);
  expect(stated.stderr).not.toContain('Note:');
});
