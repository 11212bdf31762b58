import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  ['a missing picture', ['explain', join(files, 'none.png')], /none\.png.*missing/s],
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

test('an interrupt exits with 130 and leaves no half-written file', async () => {
  const interrupt = new AbortController();
  interrupt.abort();
  const out = temporaryFolder();
  const { code, stderr } = await runCli(['explain', 'mnist:0', '--out', out], interrupt.signal);
  expect(code).toBe(130);
  expect(stderr).toContain('Interrupted');
  expect(readdirSync(out)).toEqual([]);
});
