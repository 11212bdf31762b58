import '@tensorflow/tfjs-backend-cpu';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { savedByKeras } from '../../../packages/models/test/hdf5-writer.ts';
import { OnnxWriter } from '../../../packages/models/test/onnx-writer.ts';
import { safetensors, vggStateDict } from '../../../packages/models/test/safetensors-writer.ts';
import {
  TEACHABLE_MACHINE_METADATA,
  teachableMachineModel,
} from '../../../packages/models/test/teachable-machine-model.ts';
import { scrambled, writeExport } from '../../../packages/models/test/tfjs-models.ts';
import { mobileNetV2, vgg } from '../../../packages/models/test/torch-nets.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const fileOf = (name: string, bytes: Uint8Array): string => {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
};

describe('inspect', () => {
  test('prints the layers of the bundled net, their cost, and where the class evidence stands', async () => {
    const { code, stdout } = await runCli(['inspect', 'mnist']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^mnist: 14 layers, 47,.* parameters, \d+\.\d M multiply-adds an image$/);
    expect(stdout).toMatch(/^conv_1 +conv2d +28x28x32 +320 +225,792$/m);
    expect(stdout).toMatch(/^conv_6 {2}<- z_L +conv2d +14x14x10/m);
    expect(lines.slice(-3)).toEqual([
      'Classes: 10: 0; 1; 2; 3; 4; 5; ...',
      'Pictures: gray, byte x 0.00392157, minus (0), over (1); stretched',
      'CLEAR: Maps of every class, from 14x14 places of evidence each.',
    ]);
  });

  test('gives the same as JSON', async () => {
    const { code, stdout } = await runCli(['inspect', 'mnist', '--json']);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      name: 'mnist',
      input: [28, 28, 1],
      classes: 10,
      featureMap: { layer: 'conv_6' },
    });
    expect(report.layers[0]).toEqual({
      name: 'conv_1',
      type: 'conv2d',
      inputs: ['input'],
      output: [28, 28, 32],
      parameters: 320,
      multiplyAdds: 28 * 28 * 9 * 32,
    });
    const sum = (field: string) =>
      report.layers.reduce((all: number, layer: Record<string, number>) => all + layer[field]!, 0);
    expect(report).toMatchObject({ parameters: sum('parameters'), multiplyAdds: sum('multiplyAdds') });
  });

  test('reads ONNX and state dicts, and says what a half net lacks', async () => {
    const onnx = await runCli(['inspect', fileOf('pets.onnx', mobileNetV2('ReduceMean'))]);
    expect(onnx.stdout).toMatch(
      /^pets: .*\n[\s\S]*relu6[\s\S]*Classes: 10, without names\nPictures: rgb, .*: torchvision's, assumed/,
    );
    const features = Object.entries(vggStateDict(false)).filter(([name]) => name.startsWith('features'));
    const half = await runCli([
      'inspect',
      fileOf('half.safetensors', safetensors(Object.fromEntries(features))),
    ]);
    expect(half.code).toBe(0);
    expect(half.stdout).toMatch(/Classes: none\n[\s\S]*CLEAR: No class evidence: .*block2_pool/);
  });

  test('names all layers that are not supported at once', async () => {
    const net = new OnnxWriter(1, 3, 8, 8);
    const path = fileOf('strange.onnx', net.finish(net.node('Einsum', [net.node('Erf', [net.input])])));
    const { code, stderr } = await runCli(['inspect', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'Error: 2 layers: got "/Erf_0" (Erf), "/Einsum_1" (Einsum); allowed: Conv, MaxPool',
    );
  });
});

const KINDS: [string, () => string | Promise<string>][] = [
  ['an ONNX file of torchvision', () => fileOf('pets.bin', vgg())],
  ['an ONNX file of a MobileNetV2', () => fileOf('pets.bin', mobileNetV2('GlobalAveragePool'))],
  ['a state dict', () => fileOf('pets.bin', safetensors(livelyStateDict()))],
  [
    'a Keras HDF5 file of a MobileNetV2 with a dense head',
    async () => fileOf('pets.bin', await savedByKeras(scrambled(teachableMachineModel()))),
  ],
  [
    'a Teachable Machine export',
    async () => {
      const folder = temporaryFolder();
      const metadata = { 'metadata.json': TEACHABLE_MACHINE_METADATA };
      await writeExport(folder, scrambled(teachableMachineModel()), metadata);
      return folder;
    },
  ],
];

/** Of scales and biases above zero, as trained nets have them in the main: three channels alone would hand down none. */
function livelyStateDict(): ReturnType<typeof vggStateDict> {
  const dict = vggStateDict(true);
  for (const scale of ['features.1.weight', 'features.5.weight', 'features.8.weight'])
    dict[scale]!.values.fill(1);
  for (const bias of ['features.8.bias', 'classifier.0.bias', 'classifier.3.bias'])
    dict[bias]!.values.fill(3);
  return dict;
}

test.each(KINDS)('explain takes %s without a flag', async (kind, make) => {
  const out = temporaryFolder();
  const picture = fileURLToPath(new URL('../../../docs/images/sheet.png', import.meta.url));
  const flags = ['--model', await make(), '--classes', 'top:2', '--backend', 'cpu', '--out', out, '--json'];
  const { code, stdout, stderr } = await runCli(['explain', picture, ...flags]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const [result] = JSON.parse(stdout).results;
  expect(readdirSync(out)).toEqual(['sheet.png']);
  // The two classes share the picture between them: something was drawn.
  expect(Object.keys(result.dominantShare)).toHaveLength(2);
  expect(result.evidence.some((evidence: number) => evidence > 0)).toBe(true);
  if (kind.startsWith('a Teachable'))
    expect(TEACHABLE_MACHINE_METADATA.labels).toContain(result.predicted.name);
});
