import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageAt } from '@clearmaps/datasets';
import { syntheticHouseNumbers } from '@clearmaps/datasets/synthetic';
import { bundledModelFolder } from '@clearmaps/models/node';
import { describe, expect, test } from 'vitest';
import { matBytes, svhnParts } from '../../../packages/datasets/test/mat-bytes.ts';
import { sharedFolder } from '../../../packages/models/test/shared-files.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const evaluateSvhn = async (data: string) => {
  const { code, stdout } = await runCli(['evaluate', '--model', 'svhn', '--data', data, '--json']);
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

describe('the bundled SVHN net', () => {
  test('decides more than 88 % of drawings right that it has not seen', async () => {
    const drawings = syntheticHouseNumbers({ count: 300, seed: 2024 });
    const { X, y } = svhnParts(
      Array.from(drawings.labels, (label) => label || 10),
      (image, row, column, channel) => imageAt(drawings, image)[(row * 32 + column) * 3 + channel]!,
    );
    const file = join(temporaryFolder(), 'drawings_32x32.mat');
    writeFileSync(file, matBytes([X, y]));
    const { accuracy, count } = await evaluateSvhn(file);
    expect(count).toBe(300);
    expect(accuracy).toBeGreaterThan(0.88);
  });

  test('comes with the cross-validated figures that its card gives', () => {
    const read = (name: string) => readFileSync(join(bundledModelFolder('svhn'), name), 'utf8');
    const { pooled } = JSON.parse(read('cross-validation.json'));
    expect(pooled.accuracy).toBeGreaterThan(0.85);
    expect(read('MODEL_CARD.md')).toContain(`${pooled.right} of ${pooled.images}`);
  });

  const { path: crops, missing } = sharedFolder('data/svhn/train_554_32x32.mat');
  test.skipIf(missing)(
    `reads the real crops of the official format that it was tuned on${missing}`,
    async () => {
      const { accuracy, count } = await evaluateSvhn(crops);
      expect(count).toBe(554);
      expect(accuracy).toBeGreaterThan(0.9);
    },
  );
});
