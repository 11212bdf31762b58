import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { duration } from '../src/duration.ts';
import { Progress } from '../src/progress.ts';
import { TrainingReporter } from '../src/training-reporter.ts';

test.each([
  [0, '0s'],
  [59.4, '59s'],
  [59.6, '1m00s'],
  [725, '12m05s'],
  [3600, '1h00m'],
  [12_030, '3h21m'],
])('%s seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

/** What two epochs of two steps print, of which the second step has a quarter of the images. */
function report(isTTY: boolean): { stdout: string; stderr: string } {
  const text = { stdout: '', stderr: '' };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  stdout.on('data', (chunk) => {
    text.stdout += chunk;
  });
  stderr.on('data', (chunk) => {
    text.stderr += chunk;
  });
  const screen = { isTTY, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  const terminal = { stdout, stderr: Object.assign(stderr, screen), signal: new AbortController().signal };
  const { callbacks } = new TrainingReporter(terminal);
  for (const epoch of [1, 2]) {
    const shared = { epoch, epochs: 2, stepsPerEpoch: 2, rate: 0.1, seconds: 90 };
    callbacks.onStep({ ...shared, step: 1, loss: 2, accuracy: 0.25, images: 40 });
    callbacks.onStep({ ...shared, step: 2, loss: 1, accuracy: 0.75, images: 10 });
    const record = { epoch, step: 2 * epoch, rate: 0.1, loss: 1.8, accuracy: 0.35, seconds: 200 };
    void callbacks.onEpoch({ ...record, heldOutLoss: 1.5, heldOutAccuracy: 0.4321 }, {} as never);
  }
  return text;
}

describe('a training run tells', () => {
  test('at a terminal: means of the epoch so far, the speed and the time left of the run, within the line', () => {
    const lines = report(true).stderr;
    expect(lines).toContain('0/2, loss 2.000, accuracy 0.250, 0 images/s, 4m30s left');
    expect(lines).toContain('2/2, loss 1.800, accuracy 0.350, 0 images/s, 3m00s left');
    expect(lines).toContain('2/2, loss 1.800, accuracy 0.350, 0 images/s, 0s left');
    expect(lines).not.toMatch(/\{\w+\}/);
    for (const [line] of lines.matchAll(/epoch [^\n]*? left/g)) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('elsewhere: when an epoch begins and ends, and the time left after it', () => {
    expect(report(false)).toEqual({
      stderr: 'epoch 1/2: 0/2\nepoch 1/2: 2/2\nepoch 2/2: 0/2\nepoch 2/2: 2/2\n',
      stdout: [
        'epoch 1: loss 1.8000, held out 1.5000, 43.21 % right, 200 s, 3m20s left\n',
        'epoch 2: loss 1.8000, held out 1.5000, 43.21 % right, 200 s\n',
      ].join(''),
    });
  });
});

test('long work tells in a file or a pipe where it is, every half minute', () => {
  vi.useFakeTimers();
  try {
    const stderr = new PassThrough({ encoding: 'utf8' });
    const terminal = { stdout: stderr, stderr, signal: new AbortController().signal };
    const progress = new Progress(terminal, 'sheets', 100);
    for (let second = 0; second < 70; second++) {
      vi.advanceTimersByTime(1000);
      progress.advance(1, second < 45 ? undefined : `sheet ${second}`);
    }
    progress.stop();
    expect(stderr.read()).toBe('sheets: 0/100\nsheets: 30/100\nsheets: 60/100, sheet 59\nsheets: 70/100\n');
  } finally {
    vi.useRealTimers();
  }
});
