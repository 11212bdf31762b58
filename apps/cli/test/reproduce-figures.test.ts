import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mnistNet } from '@clearmaps/models';
import { writeLayersModel } from '@clearmaps/models/node';
import { chromium } from 'playwright';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { findChromium } from '../../../packages/clearmaps/test/browser/find-chromium.ts';
import { chooseExamples } from '../src/figures/example-choice.ts';
import { strongestEvidence } from '../src/map-reading.ts';
import { fewDigits } from './digit-folder.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

describe('the choice of examples', () => {
  const decision = (index: number, trueClass: number, predicted: number) => ({
    ...{ index, trueClass, predicted, probability: 0.9 },
  });
  const decisions = [
    ...Array.from({ length: 40 }, (_, i) => decision(i, 0, 0)),
    decision(40, 0, 1),
    decision(41, 1, 1),
  ];

  test('is one right and one wrong decision of each class, as far as there are any', () => {
    const [zero, one] = chooseExamples(decisions, 2, 1);
    expect(zero!.right).toMatchObject({ trueClass: 0, predicted: 0 });
    expect(zero!.wrong!.index).toBe(40);
    expect(one!.right!.index).toBe(41);
    expect(one!.wrong).toBeUndefined();
  });

  test('depends on the seed alone', () => {
    const draw = (seed: number) => chooseExamples(decisions, 2, seed)[0]!.right!.index;
    expect(draw(1)).toBe(draw(1));
    expect(new Set([1, 2, 3, 4, 5].map(draw)).size).toBeGreaterThan(1);
  });
});

test('a wrong decision is read as the wrong class with most evidence, at its strongest pixel', () => {
  const explanation = {
    ...{ shape: [1, 3, 3, 1] as const, classes: [0, 1, 2], maps: new Float32Array(27) },
    ...{ logits: new Float32Array(3), probabilities: new Float32Array(3), evidence: new Float32Array(3) },
    dominantClass: Int32Array.of(0, 2, 1, 0, 0, 0, 1, 1, 0),
    dominantResponse: Float32Array.of(9, 3, 1, 0, 0, 0, 2, 1, 0),
  };
  expect(strongestEvidence(explanation, ['0', '5', '7'], 0)).toBe('strongest evidence: 5 in the lower left');
  const none = { ...explanation, dominantResponse: new Float32Array(9) };
  expect(strongestEvidence(none, ['0', '5', '7'], 0)).toBeUndefined();
});

const executablePath = findChromium(existsSync);
const opened = executablePath ? 'that opens without a complaint' : '[NOT OPENED: there is no Chromium]';

test(`figures are PNG files and one page ${opened}`, async () => {
  const out = temporaryFolder();
  const data = await fewDigits(30);
  // A net of photos in small: its pictures are named after their classes.
  const model = temporaryFolder();
  await writeLayersModel(
    mnistNet({ seed: 2, inputShape: [16, 16, 1], classNames: ['cat', 'dog', 'owl'] }),
    model,
  );
  const photos = join(temporaryFolder(), 'photos');
  mkdirSync(photos);
  for (const [i, name] of ['n00000001_cat', 'dog', 'OWL', 'stranger'].entries()) {
    const picture = sharp({
      create: { width: 20, height: 20, channels: 3, background: { r: 60 * i, g: 90, b: 200 } },
    });
    writeFileSync(join(photos, `${name}.png`), await picture.png().toBuffer());
  }
  const { code, stdout, stderr } = await runCli([
    ...['reproduce', 'figures', '--mnist', data, '--svhn', 'house-numbers:drawn'],
    ...['--model', model, '--data', photos, '--out', out],
  ]);
  expect(stderr).not.toMatch(/Error/);
  expect(code).toBe(0);
  for (let number = 1; number <= 7; number++) {
    const { width } = await sharp(join(out, `figure-${number}.png`)).metadata();
    expect(width).toBeGreaterThan(400);
  }
  const page = stdout.trim().split('\n').at(-1)!;
  const html = readFileSync(page, 'utf8');
  expect(
    html.match(/<img src="data:image\/png;base64,[^"]+" width="\d+" height="\d+" alt="[^"]{20,}">/g),
  ).toHaveLength(7);
  expect(html).toMatch(
    /<li>\d taken for \d \(\d+\.\d\u00a0%\): strongest evidence: \d in the (upper|middle|lower|centre)/,
  );
  expect(html).not.toMatch(/<script|src="http/);
  // Heatmaps and binary maps have no class colours.
  const sections = html.split('<section').slice(1);
  expect(sections.map((section) => section.includes('class="legend"'))).toEqual(
    [1, 2, 3, 4, 5, 6, 7].map((number) => number !== 6),
  );

  if (executablePath === undefined) return;
  const browser = await chromium.launch({ executablePath });
  try {
    const tab = await browser.newPage();
    const complaints: string[] = [];
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('requestfailed', (request) => complaints.push(request.url()));
    await tab.goto(pathToFileURL(page).href);
    const pictures = await tab
      .locator('img')
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth > 0));
    expect(pictures).toEqual(new Array(7).fill(true));
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});

test('photos that no class is named after are refused, and half of what figures 5 to 7 need', async () => {
  const model = temporaryFolder();
  await writeLayersModel(mnistNet({ inputShape: [16, 16, 1], classNames: ['cat', 'dog'] }), model);
  const few = await fewDigits(10);
  const flags = [
    'reproduce',
    'figures',
    '--mnist',
    few,
    '--svhn',
    'house-numbers:drawn',
    '--out',
    temporaryFolder(),
  ];
  const half = await runCli([...flags, '--model', model]);
  expect(half.stderr).toMatch(/--model: got no --data beside it; allowed: both or none/);
  const strangers = await runCli([...flags, '--model', model, '--data', few]);
  expect(strangers.stderr).toMatch(/2 files, none named after a class; allowed: cat; dog/);
  expect(strangers.code).toBe(2);
});
