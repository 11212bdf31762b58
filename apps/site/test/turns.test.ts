import { beforeEach, expect, test, vi } from 'vitest';
import { Turns } from '../src/turns.ts';

let now = 0;
beforeEach(() => {
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  return () => clock.mockRestore();
});

/** A job that keeps the thread for so many milliseconds. */
function job(milliseconds: number, done: () => void): () => void {
  return () => {
    now += milliseconds;
    done();
  };
}

test('short jobs are done in one task, long ones let others in between', async () => {
  const order: string[] = [];
  const jobs = (milliseconds: number, names: readonly string[]) =>
    names.map((name) => job(milliseconds, () => order.push(name)));
  setTimeout(() => order.push('another task'));
  await new Turns().take(jobs(2, ['a', 'b', 'c']));
  expect(order).toEqual(['a', 'b', 'c']);
  await new Turns().take(jobs(30, ['d', 'e']));
  expect(order).toEqual(['a', 'b', 'c', 'd', 'another task', 'e']);
});

test('new jobs take the place of those that have not begun', async () => {
  const done: number[] = [];
  const turns = new Turns();
  const jobs = (from: number) => [0, 1, 2].map((i) => job(20, () => done.push(from + i)));
  const first = turns.take(jobs(0));
  await turns.take(jobs(10));
  await first;
  expect(done).toEqual([0, 10, 11, 12]);
});
