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

test('what a run gives is called once the next run is under way, where there is one', async () => {
  const order: string[] = [];
  const finish: (() => void)[] = [];
  let runs = 0;
  const run = newestOnly(
    async () => {
      const number = ++runs;
      await null;
      await null;
      order.push(`asked ${number}`);
      await new Promise<void>((resolve) => finish.push(resolve));
      return () => {
        order.push(`shown ${number}`);
        if (number === 2) throw new Error('not shown');
      };
    },
    (error) => order.push(String(error)),
  );
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  run();
  run();
  for (let i = 0; i < 2; i++) {
    await turn();
    finish[i]!();
  }
  await turn();
  expect(order).toEqual(['asked 1', 'asked 2', 'shown 1', 'shown 2', 'Error: not shown']);
  run();
  await turn();
  expect(order.at(-1)).toBe('asked 3');
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
