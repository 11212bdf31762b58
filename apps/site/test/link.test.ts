import { METHOD_NAMES } from '@clearmaps/methods';
import { expect, test } from 'vitest';
import { SiteError } from '../src/errors.ts';
import { fromFragment, toFragment } from '../src/state/link.ts';
import { INITIAL } from '../src/state/site-state.ts';

const picture = {
  data: Uint8Array.from({ length: 784 }, (_, i) => (i % 29 === 0 ? (i * 7) % 256 : 0)),
  width: 28,
  height: 28,
  channels: 1,
} as const;

test('a link brings back every choice and the picture to the bit', async () => {
  const choices = {
    net: 'svhn',
    backend: 'cpu',
    method: 'occlusion',
    settings: { window: 5, score: 'probability' },
    seed: 'unit',
    view: 'binary',
    palette: 'okabe-ito',
    scale: 'per-class',
    opacity: 0.35,
    pinned: [3, 8],
    off: [1],
    target: 4,
    picture,
  } as const;
  expect(await fromFragment(await toFragment(choices))).toEqual(choices);
});

test('a drawing makes a link that fits into a message', async () => {
  expect((await toFragment({ ...INITIAL, picture })).length).toBeLessThan(700);
});

test('a large picture is left out', async () => {
  const large = { data: new Uint8Array(227 * 227 * 3), width: 227, height: 227, channels: 3 } as const;
  expect(await fromFragment(await toFragment({ ...INITIAL, picture: large }))).not.toHaveProperty('picture');
});

test.each(METHOD_NAMES)('a link brings back the method %s', async (method) => {
  const choices = await fromFragment(await toFragment({ ...INITIAL, method }));
  expect(choices).toMatchObject({ method, settings: {} });
});

test('a link brings back the layer of Grad-CAM', async () => {
  const choices = { method: 'grad-cam', settings: { layer: 'conv_3' } } as const;
  expect(await fromFragment(await toFragment({ ...INITIAL, ...choices }))).toMatchObject(choices);
});

test('a link of before there were more than four rules opens', async () => {
  expect(await fromFragment('net=mnist&backend=auto&rule=deconvnet&seed=unit&view=clear')).toMatchObject({
    method: 'deconvnet',
    seed: 'unit',
  });
});

test('a method starts from its own seed where a link says none', async () => {
  expect(await fromFragment('method=gradient-x-input')).toMatchObject({ seed: 'unit' });
  expect(await fromFragment('method=gradient-x-input&seed=activation')).toMatchObject({ seed: 'activation' });
});

test('an empty fragment holds nothing', async () => {
  expect(await fromFragment('')).toEqual({});
});

test.each([
  'rule=magic',
  'rule=occlusion',
  'method=magic',
  'method=toString',
  'method=occlusion&set=window',
  'method=occlusion&set=window=0',
  'method=occlusion&set=colour=1',
  'method=occlusion&set=batch=1000',
  'method=guided&set=seed=unit',
  'opacity=2',
  'opacity=NaN',
  'pinned=1.x',
  'target=-1',
  'picture=28.28.1.%%%',
  'picture=28.28.1.AAAA',
  'picture=9000.9000.3.AAAA',
  'picture=28.28.2.AAAA',
])('%s is refused in words', async (fragment) => {
  await expect(fromFragment(fragment)).rejects.toThrow(SiteError);
});

test('a picture that unpacks to more than it says is refused without being unpacked', async () => {
  const bomb = new Blob([new Uint8Array(50_000_000)])
    .stream()
    .pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(bomb).arrayBuffer());
  const text = Buffer.from(packed).toString('base64url');
  const before = process.memoryUsage().arrayBuffers;
  await expect(fromFragment(`picture=28.28.1.${text}`)).rejects.toThrow(SiteError);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
});
