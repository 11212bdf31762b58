import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classPalette } from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet';
import { describe, expect, test } from 'vitest';
import { chooseGallery } from '../src/gallery-choice.ts';
import { galleryPage } from '../src/gallery-page.ts';
import { readMap } from '../src/map-reading.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const decision = (index: number, trueClass: number, predicted: number) => ({
  index,
  trueClass,
  predicted,
  probability: 0.9,
});

describe('the gallery takes, of each class,', () => {
  const heldOut = new Set([4, 5, 6, 7]);

  test('the first right and the first wrong decision among the held-out images', () => {
    const all = [
      decision(7, 0, 0),
      decision(6, 0, 1),
      decision(5, 0, 1),
      decision(4, 0, 0),
      decision(0, 0, 0),
    ];
    expect(chooseGallery(all, heldOut, 1).map(({ index }) => index)).toEqual([4, 5]);
  });

  test('a wrong one it was trained on where it has no other, marked so', () => {
    const picks = chooseGallery([decision(4, 0, 0), decision(1, 0, 1)], heldOut, 1);
    expect(picks.map(({ index, heldOut: unseen }) => [index, unseen])).toEqual([
      [4, true],
      [1, false],
    ]);
  });

  test('no wrong one where the net never errs', () => {
    expect(chooseGallery([decision(4, 0, 0)], heldOut, 1)).toHaveLength(1);
  });
});

describe('a map read in words', () => {
  const explanation = (classes: number[], responses: number[]): Explanation => ({
    shape: [1, 3, 3, 1],
    classes: [0, 1, 2],
    logits: new Float32Array(3),
    probabilities: new Float32Array(3),
    maps: new Float32Array(27),
    evidence: new Float32Array(3),
    dominantClass: Int32Array.from(classes),
    dominantResponse: Float32Array.from(responses),
  });
  const names = ['cat', 'dog', 'owl'];

  test('names the classes by their share of the strong responses and the place of the strongest', () => {
    const text = readMap(explanation([0, 0, 0, 0, 0, 0, 0, 1, 2], [0, 0, 0, 0, 0, 0, 0, 3, 1]), names);
    expect(text).toBe(
      'Strong responses belong to dog (75 %) and owl (25 %); the strongest, for dog, lies in the lower centre.',
    );
  });

  test('calls the middle of the picture its centre', () => {
    const text = readMap(explanation(new Array(9).fill(0), [0, 0, 0, 0, 1, 0, 0, 0, 0]), names);
    expect(text).toMatch(/the strongest, for cat, lies in the centre\.$/);
  });

  test('says so where nothing responds', () => {
    expect(readMap(explanation(new Array(9).fill(0), new Array(9).fill(-1)), names)).toMatch(/No pixel/);
  });
});

test('names from a model file cannot break out of the page', () => {
  const html = galleryPage({
    modelName: '<script>alert(1)</script>',
    classNames: ['"><img src=x>', 'b'],
    palette: classPalette(2),
    entries: [
      {
        sheet: 'a.png',
        title: '<b>',
        reading: '"quoted"',
        className: '"><img src=x>',
        right: true,
        heldOut: true,
        width: 1,
        height: 1,
      },
    ],
    accuracy: '&',
    settings: '',
  });
  expect(html).not.toMatch(/<script|<img src=x|<b>/);
});

test('gallery writes a sheet a digit and a page that shows them all', async () => {
  const out = temporaryFolder();
  const { code, stdout } = await runCli(['gallery', '--out', out]);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(join(out, 'index.html'));
  const html = readFileSync(join(out, 'index.html'), 'utf8');
  const sheets = [...html.matchAll(/<img src="([^"]+)"[^>]* alt="([^"]+)"/g)];
  for (const [, sheet, alt] of sheets) {
    expect(existsSync(join(out, sheet!))).toBe(true);
    expect(alt).toMatch(/predicted \d .*true \d: (right|wrong)/);
  }
  for (let digit = 0; digit < 10; digit++) {
    expect(sheets.some(([, sheet]) => sheet!.startsWith(`class-${digit}-right`))).toBe(true);
  }
  expect(sheets.some(([, sheet]) => sheet!.includes('-wrong-'))).toBe(true);
});
