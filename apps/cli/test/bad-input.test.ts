import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { npyOf } from './numpy-format.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const files = temporaryFolder();
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
};
const idxFolder = (name: string, images: Uint8Array, labels: Uint8Array): string => {
  const folder = join(files, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'x-images-idx3-ubyte'), images);
  writeFileSync(join(folder, 'x-labels-idx1-ubyte'), labels);
  return folder;
};
const imagesIdx = (count: number, magic = 3, pixels = count * 784): Uint8Array =>
  Uint8Array.from([0, 0, 8, magic, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28, ...new Uint8Array(pixels)]);
const labelsIdx = (count: number): Uint8Array =>
  Uint8Array.from([0, 0, 8, 1, 0, 0, 0, count, ...new Uint8Array(count)]);
const folder = (name: string): string => {
  mkdirSync(join(files, name));
  return join(files, name);
};
const DATA_ALLOWED = 'IDX files, .*a folder of pictures a class, mnist:unseen or house-numbers:drawn';
const withNaN = new Float32Array(784);
withNaN[400] = Number.NaN;
const attentionModel = JSON.stringify({
  format: 'layers-model',
  modelTopology: {
    class_name: 'Sequential',
    config: {
      name: 's',
      layers: [
        {
          class_name: 'MultiHeadAttention',
          config: { name: 'attend', batch_input_shape: [null, 28, 28, 1] },
        },
      ],
    },
  },
  weightsManifest: [],
});

/** What is wrong, the command line, and what the message must say. */
const CASES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no input at all', ['explain'], /no input/],
  ['an unknown command', ['explian'], /unknown command.*mean explain.*\(clearmaps --help/s],
  [
    'an unknown option',
    ['explain', 'mnist:0', '--ruel', 'linear'],
    /unknown option.*mean --rule.*\(clearmaps explain --help/s,
  ],
  [
    'an unknown option of a command within a command',
    ['reproduce', 'study', '--bekend', 'cpu'],
    /\(clearmaps reproduce study --help/,
  ],
  [
    'a digit for a net of another size',
    ['explain', 'mnist:0', '--model', 'svhn'],
    /got a digit of 28x28 pixels; allowed: 32x32/,
  ],
  [
    'a rule that does not exist',
    ['explain', 'mnist:0', '--rule', 'magic'],
    /linear, deconvnet, gradient, guided/,
  ],
  [
    'a number that is no number',
    ['explain', 'mnist:0', '--rule', 'lrp-gamma:x'],
    /lrp-gamma:<number from 0>/,
  ],
  ['a number below 0', ['explain', 'mnist:0', '--rule', 'lrp-gamma:-1'], /rule: got "lrp-gamma:-1"/],
  ['a seed that does not exist', ['explain', 'mnist:0', '--seed', '7'], /activation, positive, unit/],
  [
    'a backend that does not exist',
    ['explain', 'mnist:0', '--backend', 'cuda'],
    /auto, native, wasm, cpu, webgpu/,
  ],
  ['a model that does not exist', ['explain', 'mnist:0', '--model', join(files, 'nowhere')], /nowhere/],
  [
    'a model by half its name',
    ['inspect', 'squeezenet'],
    /mnist, svhn; .*models fetch.*squeezenet1\.1, vgg16/,
  ],
  ['a model file that is no JSON', ['explain', 'mnist:0', '--model', file('m.json', '<html>')], /HTML/],
  [
    'a model with an unsupported layer',
    ['explain', 'mnist:0', '--model', file('attention.json', attentionModel)],
    /attend.*MultiHeadAttention.*Conv2D/s,
  ],
  ['a missing picture', ['explain', join(files, 'none.png')], /none\.png: got no such file or folder/],
  ['an empty picture', ['explain', file('empty.png', '')], /empty\.png: got an empty file \(0 bytes\)/],
  ['a folder of pictures', ['explain', files], /got a folder; .*Give the files in it: .*\*\.png/s],
  ['a picture that is text', ['explain', file('text.png', 'hello')], /text\.png.*unsupported image format/s],
  [
    'a picture that is cut short',
    ['explain', file('cut.png', Buffer.from('iVBORw0KGgoAAAANSUhEUgAA', 'base64'))],
    /cut\.png/,
  ],
  ['a digit out of range', ['explain', 'mnist:10000'], /mnist:0 to mnist:9999/],
  ['a digit that is no number', ['explain', 'mnist:-1'], /index "-1"/],
  ['a class out of range', ['explain', 'mnist:0', '--classes', '3,10'], /class "10"/],
  ['a class twice', ['explain', 'mnist:0', '--classes', '3,3'], /each class once/],
  ['too many top classes', ['explain', 'mnist:0', '--classes', 'top:11'], /top:1 to top:10/],
  ['a true class out of range', ['explain', 'mnist:0', '--true', 'eleven'], /--true.*eleven/],
  ['a panel that does not exist', ['explain', 'mnist:0', '--panels', 'clear,foo'], /original, heatmap/],
  ['a scale that does not exist', ['explain', 'mnist:0', '--scale', 'fixed:0'], /fixed:X with X > 0/],
  [
    'an array with NaN',
    ['explain', '--input-array', file('nan.npy', npyOf(withNaN, [28, 28, 1]))],
    /NaN at position 400/,
  ],
  [
    'an array of another shape',
    ['explain', '--input-array', file('s.npy', npyOf(withNaN, [784]))],
    /\[28, 28, 1\]/,
  ],
  [
    'an array cut short',
    ['explain', '--input-array', file('c.npy', npyOf(withNaN, [28, 28, 1]).subarray(0, 999))],
    /c\.npy/,
  ],
  ['an array that is none', ['explain', '--input-array', file('x.npy', 'hello')], /numpy\.save/],
  [
    'an array of text',
    ['explain', '--input-array', file('u.npy', npyOf(withNaN, [784], '<U1'))],
    /u\.npy.*file of numbers/s,
  ],
  [
    'an array in Fortran order',
    ['explain', '--input-array', file('f.npy', npyOf(withNaN, [28, 28, 1], '<f4', 'True'))],
    /Fortran/,
  ],
  ['a missing array', ['explain', '--input-array', join(files, 'no.npy')], /no such file or folder/],
  ['a data folder that does not exist', ['evaluate', '--data', join(files, 'nodata')], /nodata/],
  [
    'truncated IDX',
    ['evaluate', '--data', idxFolder('short', imagesIdx(3, 3, 1000), labelsIdx(3))],
    /2368 bytes/,
  ],
  [
    'IDX with the wrong magic',
    ['evaluate', '--data', idxFolder('magic', imagesIdx(3, 1), labelsIdx(3))],
    /magic/,
  ],
  [
    'IDX with other labels',
    ['evaluate', '--data', idxFolder('count', imagesIdx(3), labelsIdx(4))],
    /4 labels/,
  ],
  [
    'truncated gzip',
    ['evaluate', '--data', idxFolder('gz', gzipSync(imagesIdx(3)).subarray(0, 30), labelsIdx(3))],
    /gzip|cut short|truncated/,
  ],
  ['golden cases that do not exist', ['verify', join(files, 'gold')], /gold/],
  ['golden cases that are none', ['verify', idxFolder('empty', labelsIdx(0), labelsIdx(0))], /none/],
  ['a file for golden cases', ['verify', file('cases.txt', 'x')], /got a file where a folder was expected/],
  [
    'an empty data folder',
    ['evaluate', '--data', folder('no-data')],
    new RegExp(`data set .*no-data: got none; allowed: ${DATA_ALLOWED}`),
  ],
  [
    'an empty data folder for a unit',
    ['unit', 'conv_5:0', '--data', join(files, 'no-data')],
    new RegExp(`data set .*no-data: got none; allowed: ${DATA_ALLOWED}`),
  ],
  [
    'a data set that is called wrongly',
    ['evaluate', '--data', 'mnist:foo'],
    new RegExp(`data set mnist:foo: got no such file or folder; allowed: ${DATA_ALLOWED}`),
  ],
  [
    'an empty folder for a model',
    ['inspect', folder('no-model')],
    /model in the folder .*no-model: got none; allowed: a model\.json, or one \.h5, \.onnx/,
  ],
  ['an empty model', ['inspect', file('empty.onnx', '')], /empty\.onnx: got an empty file \(0 bytes\)/],
  ['a method that does not exist', ['methods', 'foo'], /methods: got "foo"; allowed: linear,/],
  [
    'a layer that does not exist',
    ['unit', 'conv_99:1', '--out', folder('units')],
    /layer of "mnist": got "conv_99"; allowed: conv_1,/,
  ],
  [
    'photos without their net',
    ['reproduce', 'figures', '--data', 'x', '--classes', '1-2'],
    /reproduce figures --data: got no --model beside it; allowed: both or none/,
  ],
  [
    'a net without its photos',
    ['reproduce', 'figures', '--model', 'svhn'],
    /reproduce figures --model: got no --data beside it/,
  ],
  ['nothing to train', ['train'], /train: got no task; allowed: mnist, svhn, images, dogs/],
  ['an unknown thing to train', ['train', 'cats'], /train: got "cats"; allowed: mnist,/],
  ['nowhere to train to', ['train', 'mnist'], /train mnist: got no --out; allowed: a folder/],
  ['zero rounds', ['bench', '--rounds', '0'], /whole numbers from 1/],
];

describe('bad input is told apart, exits with 2 and writes nothing', () => {
  test.each(CASES)('%s', async (_what, args, message) => {
    const out = join(files, 'out');
    const writes = args[0] === 'explain';
    const { code, stdout, stderr } = await runCli(writes ? [...args, '--out', out] : args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(readdirSync(files)).not.toContain('out');
  });

  test.each([
    ['--rule', 'linear'],
    ['--response-seed', 'unit'],
    ['--reduction', 'l2'],
    ['--random-labels', 'mnist'],
    ['--workers', '2'],
    ['--checkpoint', join(files, 'none.json')],
  ])('evaluate %s %s without --explanations, which it is of', async (flag, value) => {
    const { code, stderr } = await runCli(['evaluate', flag, value]);
    expect(stderr).toContain(
      `evaluate ${flag}: got no --explanations. Add --explanations, or leave ${flag} away`,
    );
    expect(code).toBe(2);
  });

  test.each([
    [['explain', 'mnist:7', '--data', 'x'], /--data x: got no --method; allowed: beside --method pda\./],
    [
      ['explain', 'mnist:7', '--data', 'x', '--method', 'saliency'],
      /--data x: got --method saliency, which learns from no images/,
    ],
    [
      ['evaluate', '--part', 't10k'],
      /--part t10k: got no data set; allowed: beside the folder or the file of a data set/,
    ],
    [['evaluate', '--held-out'], /--held-out: got no data set/],
    [['evaluate', '--explanations', '--robustness'], /evaluate --robustness: got --explanations beside it/],
    [['evaluate', '--data', 'mnist:unseen', '--held-out'], /--held-out: got mnist:unseen/],
    [['reproduce', 'table1', '--part', 'train'], /--part train: got no data set/],
    [['train', 'mnist', '--part', 'train', '--out', 'x'], /train mnist --part train: got no --data/],
    [
      ['train', 'images', '--data', 'x', '--part', 'train', '--out', 'x'],
      /got a folder with a folder of pic/,
    ],
  ])('%j: a flag that nothing would look at', async (args, message) => {
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test.each([
    ['--epochs', 'abc', 'whole numbers from 1'],
    ['--epochs', '0', 'whole numbers from 1'],
    ['--batch', '0', 'whole numbers from 1'],
    ['--limit', '0', 'whole numbers from 1'],
    ['--size', 'x', 'whole numbers from 1'],
    ['--synthetic', '0', 'whole numbers from 1'],
    ['--folds', '1', 'whole numbers from 2'],
    ['--seed', '1.5', 'whole numbers'],
    ['--split-seed', 'x', 'whole numbers'],
    ['--workers', '0', 'whole numbers from 1'],
    ['--held-out', 'abc', 'above 0, below 1, as 0.1'],
    ['--held-out', '1', 'above 0, below 1, as 0.1'],
  ])('train %s %s, before anything is read or written', async (flag, value, allowed) => {
    const out = join(files, 'trained');
    const { code, stderr } = await runCli(['train', 'mnist', '--out', out, flag, value]);
    expect(stderr).toBe(`Error: ${flag}: got "${value}"; allowed: ${allowed}.\n`);
    expect(code).toBe(2);
    expect(readdirSync(files)).not.toContain('trained');
  });

  test.each([
    ['unit', 'conv_5:9999', /unit conv_5:9999: got channel 9999; allowed: conv_5:0 to conv_5:\d+\.\n$/],
    ['unit', 'conv_99:1', /layer of "mnist": got "conv_99"; allowed: /],
    ['contact-sheet', join(files, 'none.png'), /none\.png: got no such file or folder/],
  ])('%s %s before a bar of progress is drawn', async (command, argument, message) => {
    const { code, stderr } = await runCli([command, argument, '--out', join(files, 'sheets')]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^Error: /);
    expect(code).toBe(2);
    expect(readdirSync(files)).not.toContain('sheets');
  });

  test('a checkout that is not built', () => {
    const bin = folder('bin');
    writeFileSync(join(files, 'package.json'), '{ "type": "module" }');
    cpSync(fileURLToPath(new URL('../bin', import.meta.url)), bin, { recursive: true });
    const { status, stderr } = spawnSync(process.execPath, [join(bin, 'clearmaps.js')], { encoding: 'utf8' });
    expect(stderr).toBe(
      'Error: clearmaps: got a checkout that is not built. Run npm start, or pnpm build, in its root.\n',
    );
    expect(status).toBe(2);
  });

  test('a run to resume that there is none of', async () => {
    const { code, stderr } = await runCli(['train', 'mnist', '--resume', '--out', folder('fresh')]);
    expect(stderr).toMatch(/train --resume --out .*fresh: got no checkpoint\.bin there.*Leave --resume away/);
    expect(code).toBe(2);
  });

  test.each([
    ['a file', join(file('plain.txt', 'x'), 'sub')],
    ['a system folder', '/proc/clearmaps'],
  ])('an output folder that cannot be made: inside %s', async (_what, out) => {
    const { code, stderr } = await runCli(['explain', 'mnist:0', '--out', out]);
    expect(stderr).toMatch(/to write .*--out/s);
    expect(code).toBe(2);
  });

  test('a bad last input leaves no sheet of the good ones before it', async () => {
    const out = join(files, 'late');
    const { code } = await runCli(['explain', 'mnist:0', join(files, 'none.png'), '--out', out]);
    expect(code).toBe(2);
    expect(readdirSync(files)).not.toContain('late');
  });

  test('--debug adds the stack', async () => {
    const { stderr } = await runCli(['explain', 'mnist:x', '--debug']);
    expect(stderr).toMatch(/\n {4}at /);
  });
});

test.each([['explain'], ['reproduce', 'table1'], ['data', 'fetch'], ['models', 'fetch']])(
  '%s %s has --debug, and its help tells of no default that is nothing',
  async (...command) => {
    const { code, stdout } = await runCli([...command.filter((word) => word !== undefined), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--debug +show stack traces\n/);
    expect(stdout).not.toMatch(/default: (false|\[\])/);
  },
);

test.each([
  [
    'explain',
    'or auto: max, and percentile:98 for nets whose input has 100 pixels or more on its shorter side',
  ],
  ['evaluate', 'of --explanations: what the layers do on the way back'],
  ['evaluate', 'with --explanations { model, data, count, rule, seed, reduction, threshold, measures,'],
  ['train', '--epochs 15 --out my-digits --resume # where it was stopped'],
])('%s --help says "%s"', async (command, text) => {
  const { stdout } = await runCli([command, '--help']);
  expect(stdout.replace(/\s+/g, ' ')).toContain(text);
});

test('an interrupt exits with 130 and leaves no half-written file', async () => {
  const interrupt = new AbortController();
  interrupt.abort();
  const out = temporaryFolder();
  const { code, stderr } = await runCli(['explain', 'mnist:0', '--out', out], interrupt.signal);
  expect(code).toBe(130);
  expect(stderr).toContain('Interrupted');
  expect(readdirSync(out)).toEqual([]);
});
