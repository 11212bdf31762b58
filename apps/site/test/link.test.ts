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
    rule: 'linear',
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

test('an empty fragment holds nothing', async () => {
  expect(await fromFragment('')).toEqual({});
});

test.each([
  'rule=magic',
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
