import { expect, test } from 'vitest';
import { Turns } from '../src/turns.ts';

/** Keeps the thread as long as a large map does. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('short jobs are done in one task, long ones let others in between', async () => {
  const order: string[] = [];
  const job = (name: string, milliseconds: number) => () => {
    work(milliseconds);
    order.push(name);
  };
  const short = new Turns().take([job('a', 0), job('b', 0)]);
  setTimeout(() => order.push('another task'));
  await short;
  expect(order).toEqual(['a', 'b']);
  await new Turns().take([job('c', 30), job('d', 30)]);
  expect(order).toEqual(['a', 'b', 'c', 'another task', 'd']);
});

test('new jobs take the place of those that have not begun', async () => {
  const done: number[] = [];
  const turns = new Turns();
  const jobs = (from: number) =>
    [0, 1, 2].map((i) => () => {
      work(20);
      done.push(from + i);
    });
  const first = turns.take(jobs(0));
  await turns.take(jobs(10));
  await first;
  expect(done).toEqual([0, 10, 11, 12]);
});
