import { expect, onTestFinished, test, vi } from 'vitest';
import { atRest } from '../src/at-rest.ts';

test('a job runs once nobody has asked for it for a while, and once for all who asked', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const job = vi.fn();
  const ask = atRest(job);
  for (let i = 0; i < 10; i++) {
    ask();
    vi.advanceTimersByTime(50);
  }
  expect(job).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(job).toHaveBeenCalledTimes(1);
  ask();
  vi.advanceTimersByTime(1000);
  expect(job).toHaveBeenCalledTimes(2);
});
