import { expect, test } from 'vitest';
import { ClearmapsError } from '../src/index.ts';

test('an error says what was asked, what came, what is allowed and what to do next', () => {
  const cause = new Error('underneath');
  const error = new ClearmapsError({
    asked: 'strides of layer "conv_3"',
    got: '[0, 1]',
    allowed: 'integers >= 1',
    remedy: 'Export the model again.',
    cause,
  });
  expect(error.message).toBe(
    'strides of layer "conv_3": got [0, 1]; allowed: integers >= 1. Export the model again.',
  );
  expect(error.cause).toBe(cause);
  expect(error.details.allowed).toBe('integers >= 1');
  expect(error).toBeInstanceOf(Error);
});

test('what is not known is left out of the sentence', () => {
  expect(new ClearmapsError({ asked: 'a backend' }).message).toBe('a backend.');
  expect(new ClearmapsError({ asked: 'a backend', got: 'none' }).message).toBe('a backend: got none.');
});
