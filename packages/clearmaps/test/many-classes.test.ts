import { classHex, classPalette } from '@clearmaps/colormap';
import { OTHERS } from '@clearmaps/deconvnet/graph';
import { expect, test } from 'vitest';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { cpu } from '../src/cpu.ts';
import {
  type ClassChoice,
  type Clearmaps,
  chooseClasses,
  createClearmaps,
  dominantShares,
  drawViews,
  findClass,
  readGroups,
  shownRows,
} from '../src/index.ts';

const names = [
  'tench, Tinca tinca',
  'goldfish',
  'great white shark, white shark',
  'Chihuahua',
  'Chihuahua bowl',
  '7',
];
const model = smallNet({ classes: 6 });
const image = imagesFor(model);

async function using<T>(run: (cm: Clearmaps) => Promise<T>): Promise<T> {
  const cm = await createClearmaps({ model, backends: [cpu()] });
  try {
    return await run(cm);
  } finally {
    await cm.dispose();
  }
}

test('a class goes by its name, its number or a synonym, whatever the case', () => {
  expect(
    ['goldfish', '2', 'TENCH', 'tinca tinca', 'white shark', 'Chihuahua', '7'].map((text) =>
      findClass(text, names),
    ),
  ).toEqual([1, 2, 0, 0, 2, 3, 5]);
});

test('a name that is not there is refused with the nearest', () => {
  expect(() => findClass('goldfsh', names, '--true')).toThrow(
    /--true: got class "goldfsh".*nearest are "goldfish" \(1\)/,
  );
  expect(() => findClass('hua', names)).toThrow(/nearest are "Chihuahua" \(3\), "Chihuahua bowl" \(4\)/);
  expect(() => findClass('6', names)).toThrow('0 to 5');
});

test('groups are read by name and number', () => {
  expect(readGroups({ fish: ['tench', 1, '2'], dogs: ['Chihuahua'] }, names)).toEqual([
    { name: 'fish', classes: [0, 1, 2] },
    { name: 'dogs', classes: [3] },
  ]);
});

test.each([
  ['a list', [1, 2], /groups of classes: got \[1,2\]/],
  ['nothing', {}, /groups of classes: got \{\}/],
  ['an empty group', { dogs: [] }, /group "dogs": got \[\]/],
  ['a class twice', { fish: ['tench', 0] }, /group "fish": got class "tench, Tinca tinca" twice/],
  ['a class that is not there', { fish: ['carp'] }, /group "fish": got class "carp"/],
])('groups that are %s are refused', (_, json, message) => {
  expect(() => readGroups(json, names)).toThrow(message);
});

test('classes are chosen by score, by evidence and in pages', () =>
  using(async (cm) => {
    const { logits, evidence } = await cm.explain(image);
    const by = (values: Float32Array) => [...values.keys()].sort((a, b) => values[b]! - values[a]!);
    const chosen = (choice: ClassChoice) => chooseClasses(cm, image, choice);
    expect(await chosen({ top: 2 })).toEqual([by(logits).slice(0, 2)]);
    expect(await chosen({ evidence: 3 })).toEqual([by(evidence).slice(0, 3)]);
    expect(await chosen({ pages: 4 })).toEqual([by(logits).slice(0, 4), by(logits).slice(4)]);
    expect(await chosen({ classes: [5, 1] })).toEqual([[5, 1]]);
    await expect(chosen({ top: 7 })).rejects.toThrow('top classes of "small": got 7; allowed: 1 to 6.');
  }));

test('heatmap and binary map need no maps', () =>
  using(async (cm) => {
    const picture = { width: 7, height: 8, data: new Uint8ClampedArray(7 * 8 * 4) };
    const drawn = async (maps: boolean, classes?: number[]) =>
      drawViews(await cm.explain(image, { rule: 'guided', maps, classes, others: true }), {
        picture,
        target: 3,
        palette: classPalette(6),
      });
    expect(await drawn(false)).toEqual(await drawn(true));
    expect((await drawn(false, [3])).map(({ name }) => name)).toContain('heatmap');
    expect(await drawn(false, [3])).toEqual(await drawn(true, [3]));
  }));

test('some of many classes share the colours in the order asked, the rest is grey and listed as one', () =>
  using(async (cm) => {
    const explanation = await cm.explain(image, { classes: [4, 1], others: true });
    const many = Array.from({ length: 60 }, (_, c) => `class ${c}`);
    const probabilities = new Float32Array(60).fill(1 / 60);
    const rows = shownRows({ ...explanation, probabilities }, { classNames: many });
    expect([4, 1].map((c) => classHex(rows.palette, c))).toEqual(
      [0, 1].map((c) => classHex(classPalette(2), c)),
    );
    expect(classHex(rows.palette, 0)).toBe('#999999');
    expect(rows.listed).toEqual([1, 4]);
    expect(rows.others!.name).toBe('58 other classes');
    expect(rows.others!.probability).toBeCloseTo(58 / 60);
    const shares = dominantShares(explanation);
    expect([...shares.keys()]).toEqual([4, 1, OTHERS]);
    expect([...shares.values()].reduce((a, b) => a + b)).toBeCloseTo(1);
  }));

test('groups have names, colours and the probability of their members', () =>
  using(async (cm) => {
    const groups = [
      { name: 'fish', classes: [0, 1, 2] },
      { name: 'dogs', classes: [3] },
    ];
    const explanation = await cm.explain(image, {
      groups: groups.map(({ classes }) => classes),
      others: true,
    });
    const rows = shownRows(explanation, { classNames: names, groups });
    expect(rows.names).toEqual(['fish', 'dogs']);
    expect(rows.palette).toEqual(classPalette(2));
    const { probabilities: p } = explanation;
    expect(rows.probabilities[0]).toBeCloseTo(p[0]! + p[1]! + p[2]!);
    expect(rows.others!.probability).toBeCloseTo(p[4]! + p[5]!);
  }));
