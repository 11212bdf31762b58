import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, describe, expect, test } from 'vitest';
import { sharedFolder } from '../../models/test/shared-files.ts';
import { DatasetError } from '../src/index.ts';
import { openStanfordDogs, readDogs, streamDogs } from '../src/node.ts';
import { type CellPart, type MatPart, matBytes } from './mat-bytes.ts';

const root = mkdtempSync(join(tmpdir(), 'clearmaps-dogs-'));
afterAll(() => rmSync(root, { recursive: true }));

const { path: TINY, missing } = sharedFolder('data/stanford-dogs-tiny');

const BREEDS = ['n02085620-Chihuahua', 'n02088094-Afghan_hound', 'n02086240-Shih-Tzu'];
const fileOf = (breed: string, i: number): string => `${breed}/${breed.slice(0, 9)}_${i}`;

interface ListChange {
  readonly file_list?: Partial<CellPart> | Partial<MatPart>;
  readonly labels?: Partial<MatPart>;
}

/** A list of so many pictures a breed, as MATLAB writes it. */
function list(first: number, each: number, change: ListChange = {}): Uint8Array {
  const stems = BREEDS.flatMap((breed) => Array.from({ length: each }, (_, i) => fileOf(breed, first + i)));
  const shape = [stems.length, 1];
  const values = stems.map((_, i) => Math.floor(i / each) + 1);
  const texts = stems.map((stem) => `${stem}.jpg`);
  return matBytes(
    [
      { name: 'file_list', shape, texts, ...change.file_list },
      { name: 'annotation_list', shape, texts: stems },
      { name: 'labels', mxClass: 6, shape, type: 2, values, ...change.labels },
    ],
    { compress: true },
  );
}

const box = (left: number, top: number, right: number, bottom: number): string =>
  `<object><bndbox><xmin>${left}</xmin><ymin>${top}</ymin><xmax>${right}</xmax><ymax>${bottom}</ymax></bndbox></object>`;

/** Picture i of a breed is the two bytes [place of the breed, i]; its dogs are 3x4 and 9x9 pixels. */
function files(): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array>([
    ['lists/train_list.mat', list(0, 3)],
    ['lists/test_list.mat', list(10, 2)],
  ]);
  for (const [place, breed] of BREEDS.entries()) {
    for (const i of [0, 1, 2, 10, 11]) {
      all.set(`Images/${fileOf(breed, i)}.jpg`, Uint8Array.of(place, i));
      const xml = `<annotation>${box(0, 1, 2, 4)}${box(10, 10, 18, 18)}</annotation>`;
      all.set(`Annotation/${fileOf(breed, i)}`, new TextEncoder().encode(xml));
    }
  }
  return all;
}

function asFolder(name: string, all: ReadonlyMap<string, Uint8Array>): string {
  const dir = join(root, name);
  for (const [path, bytes] of all) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

async function tarOf(entries: Iterable<readonly [string, Uint8Array]>): Promise<Buffer> {
  const archive = pack();
  for (const [name, bytes] of entries) archive.entry({ name }, Buffer.from(bytes));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The three official tar files: lists.tar has its files at the root, the others below a folder. */
async function asTars(name: string, all: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const dir = join(root, name);
  mkdirSync(dir);
  for (const [part, strip] of [
    ['lists', 'lists/'],
    ['Images', ''],
    ['Annotation', ''],
  ] as const) {
    const own = [...all].filter(([path]) => path.startsWith(`${part}/`));
    const bytes = await tarOf(own.map(([path, value]) => [path.slice(strip.length), value] as const));
    writeFileSync(join(dir, `${part.toLowerCase()}.tar`), bytes);
  }
  return dir;
}

/** Stands in for a JPEG decoder: 1x2 pixels that say what came and which box. */
const decode = async (jpeg: Uint8Array, { box }: { box?: { left: number; right: number } }) =>
  Uint8Array.of(jpeg[0]!, jpeg[1]!, box?.left ?? 0, box?.right ?? 0, 0, 0);
const size = { height: 1, width: 2, decode };

describe.each([
  ['folders', asFolder],
  ['tar files', asTars],
] as const)('Stanford Dogs in %s', (kind, lay) => {
  test('gives the pictures of the lists, labelled in the order of the breeds asked for', async () => {
    const dogs = await openStanfordDogs(await lay(`whole-${kind}`, files()), {
      breeds: ['Afghan hound', 'n02085620'],
    });
    expect(dogs.classNames).toEqual(['Afghan hound', 'Chihuahua']);
    const test = await readDogs(dogs.test!, dogs.classNames, { ...size, crop: true });
    await dogs.close();
    expect(dogs.train.length).toBe(6);
    expect(Array.from(test.labels)).toEqual([1, 1, 0, 0]);
    // The largest dog is the second of each annotation: pixels 10 to 18.
    expect(Array.from({ length: 4 }, (_, i) => [...test.images.subarray(i * 6, i * 6 + 4)])).toEqual([
      [0, 10, 10, 19],
      [0, 11, 10, 19],
      [1, 10, 10, 19],
      [1, 11, 10, 19],
    ]);
  });

  test('does without test list and annotations until they are asked for', async () => {
    const some = [...files()].filter(([path]) => !/test_list|Annotation/.test(path));
    const dir = await lay(`some-${kind}`, new Map(some));
    rmSync(join(dir, 'annotation.tar'), { force: true });
    const dogs = await openStanfordDogs(dir, { breeds: 'all' });
    expect(dogs.test).toBeUndefined();
    expect((await readDogs(dogs.train, dogs.classNames, size)).count).toBe(9);
    const cropped = readDogs(dogs.train, dogs.classNames, { ...size, crop: true });
    await expect(cropped).rejects.toThrow(/no Annotation.*ImageNetDogs/s);
    await dogs.close();
  });

  test('says which picture of the list is missing', async () => {
    const all = files();
    all.delete(`Images/${fileOf(BREEDS[1]!, 2)}.jpg`);
    const dogs = await openStanfordDogs(await lay(`hole-${kind}`, all), { breeds: 'all' });
    await expect(readDogs(dogs.train, dogs.classNames, size)).rejects.toThrow(/n02088094_2\.jpg/);
    await dogs.close();
  });
});

test('pictures are read and decoded one batch at a time', async () => {
  const dogs = await openStanfordDogs(asFolder('lazy', files()), { breeds: 'all' });
  let decoded = 0;
  const counting = async (...args: Parameters<typeof decode>) => {
    decoded++;
    return decode(...args);
  };
  const sizes: number[] = [];
  for await (const batch of streamDogs(dogs.train, dogs.classNames, {
    ...size,
    decode: counting,
    batch: 4,
  })) {
    sizes.push(batch.count, decoded);
  }
  expect(sizes).toEqual([4, 4, 4, 8, 1, 9]);
  const stopped = { ...size, signal: AbortSignal.abort() };
  await expect(readDogs(dogs.train, dogs.classNames, stopped)).rejects.toThrow(/abort/i);
});

test('a breed that is not there is refused with those that are', async () => {
  const dir = asFolder('breeds', files());
  await expect(openStanfordDogs(dir)).rejects.toThrow(/Japanese_spaniel.*Shih-Tzu/s);
  await expect(openStanfordDogs(dir, { breeds: ['Shih-Tzu', 'shih-tzu'] })).rejects.toThrow(/twice/);
  await expect(openStanfordDogs(dir, { breeds: ['Shih-Tzu'] })).rejects.toThrow(/at least two/);
});

test('missing parts are named, with where to get them', async () => {
  const empty = asFolder('empty', new Map([['readme', new Uint8Array()]]));
  await expect(openStanfordDogs(empty)).rejects.toThrow(/no lists.*lists\.tar.*ImageNetDogs/s);
});

describe('hostile files', () => {
  const wrong = async (name: string, bytes: Uint8Array): Promise<unknown> => {
    const all = files();
    all.set('lists/train_list.mat', bytes);
    return openStanfordDogs(asFolder(name, all), { breeds: 'all' });
  };
  const stems = BREEDS.map((breed) => fileOf(breed, 0));
  const named = (texts: string[]) => ({ file_list: { texts } });

  test.each([
    ['a path that climbs', list(0, 1, named(['../../etc/passwd.jpg', ...stems.slice(1)]))],
    ['an absolute path', list(0, 1, named(['/etc/passwd.jpg', ...stems.slice(1)]))],
    ['the annotation of another picture', list(0, 1, named(stems.toReversed().map((s) => `${s}.jpg`)))],
    ['a list of numbers', list(0, 1, { file_list: { mxClass: 6, type: 2, values: [1, 2, 3] } })],
    ['a million cells', list(0, 1, { file_list: { shape: [1_000_000, 1] } })],
    ['cells that are not there', list(0, 1, { file_list: { shape: [4, 1] } })],
    ['one label for two breeds', list(0, 1, { labels: { values: [1, 1, 2] } })],
    ['half a file', list(0, 1).subarray(0, 260)],
  ])('a list with %s is refused', async (what, bytes) => {
    await expect(wrong(`list ${what}`, bytes)).rejects.toThrow(DatasetError);
  });

  test.each([
    ['a path that climbs', async () => tarOf([['../train_list.mat', list(0, 3)]]), /paths below the root/],
    ['an absolute path', async () => tarOf([['/train_list.mat', list(0, 3)]]), /paths below the root/],
    [
      'half of its bytes',
      async () => (await tarOf([['train_list.mat', list(0, 3)]])).subarray(0, 700),
      /Unexpected end/,
    ],
    ['other bytes than a tar file', async () => Buffer.alloc(2048, 7), /tar file/],
  ])('a tar file with %s is refused', async (what, bytes, message) => {
    const dir = await asTars(`tar ${what}`, files());
    writeFileSync(join(dir, 'lists.tar'), await bytes());
    const opened = openStanfordDogs(dir, { breeds: 'all' });
    await expect(opened).rejects.toThrow(DatasetError);
    await expect(opened).rejects.toThrow(message);
  });

  test.each([
    ['no XML', 'dogs'],
    ['no box', '<annotation/>'],
    ['a box without area', `<annotation>${box(5, 5, 4, 9)}</annotation>`],
    ['a box of words', '<annotation><bndbox><xmin>left</xmin></bndbox></annotation>'],
    ['entities without end', '<!DOCTYPE a [<!ENTITY b "&b;&b;">]><a><bndbox><xmin>&b;</xmin></bndbox></a>'],
  ])('an annotation with %s is refused', async (what, xml) => {
    const all = files();
    all.set(`Annotation/${fileOf(BREEDS[0]!, 0)}`, new TextEncoder().encode(xml));
    const dogs = await openStanfordDogs(asFolder(`xml ${what}`, all), { breeds: 'all' });
    await expect(dogs.train[0]!.boxes()).rejects.toThrow(DatasetError);
  });
});

test.skipIf(missing)(`2,400 real pictures of six breeds are listed with their boxes${missing}`, async () => {
  const dogs = await openStanfordDogs(TINY, { breeds: 'all' });
  expect(dogs.classNames).toEqual([
    ...['Chihuahua', 'Yorkshire terrier', 'golden retriever', 'Labrador retriever'],
    ...['German shepherd', 'standard poodle'],
  ]);
  expect([dogs.train.length, dogs.test]).toEqual([2400, undefined]);
  const chihuahua = dogs.train.find(({ file }) => file.endsWith('n02085620_362.jpeg'))!;
  expect(await chihuahua.boxes()).toEqual([{ left: 0, top: 1, right: 32, bottom: 29 }]);
  expect([...(await chihuahua.read()).subarray(0, 2)]).toEqual([0xff, 0xd8]);
});
