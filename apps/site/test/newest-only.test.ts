import { expect, test } from 'vitest';
import { newestOnly } from '../src/newest-only.ts';

test('what is asked for meanwhile ends in one more run, on the newest', async () => {
  const seen: number[] = [];
  let newest = 0;
  let finish!: () => void;
  const run = newestOnly(
    async () => {
      seen.push(newest);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    },
    () => {},
  );
  for (newest = 1; newest <= 5; newest++) run();
  newest = 5;
  expect(seen).toEqual([1]);
  finish();
  await new Promise((resolve) => setTimeout(resolve));
  expect(seen).toEqual([1, 5]);
  finish();
  await new Promise((resolve) => setTimeout(resolve));
  expect(seen).toEqual([1, 5]);
});

test('a run that fails is told and does not end the next ones', async () => {
  const errors: unknown[] = [];
  let runs = 0;
  const run = newestOnly(
    async () => {
      if (runs++ === 0) throw new Error('first');
    },
    (error) => errors.push(error),
  );
  run();
  await new Promise((resolve) => setTimeout(resolve));
  run();
  await new Promise((resolve) => setTimeout(resolve));
  expect(runs).toBe(2);
  expect(errors.map(String)).toEqual(['Error: first']);
});
