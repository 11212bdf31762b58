import { TRAIN_DEFAULTS, trainOptions } from '@clearmaps/training';
import { describe, expect, test } from 'vitest';
import { parseAugmentation } from '../src/augment-flag.ts';

describe('--augment', () => {
  test('reads every option', () => {
    expect(
      parseAugmentation(
        'shift=2,rotate=12, scale=0.12,elastic=1/5,crop=0.6,flip,brightness=0.1,contrast=0.2,saturation=0.3,hue=4,background=edge',
      ),
    ).toEqual({
      shift: 2,
      rotate: 12,
      scale: 0.12,
      elastic: { strength: 1, smoothness: 5 },
      crop: { area: [0.6, 1] },
      flip: true,
      colour: { brightness: 0.1, contrast: 0.2, saturation: 0.3, hue: 4 },
      background: 'edge',
    });
    expect(parseAugmentation('elastic=1.5,background=40')).toEqual({
      elastic: { strength: 1.5 },
      background: 40,
    });
  });

  test('none takes the augmentation of a preset off', () => {
    expect(parseAugmentation('none')).toBe(null);
    expect(trainOptions('mnist', { augmentation: null })).toEqual(TRAIN_DEFAULTS);
  });

  test.each(['', 'shift', 'shift=', 'turn=3', 'flip=yes', 'shift=2,,rotate=3', 'constructor=1', 'none,flip'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseAugmentation(text)).toThrow(
        /^--augment: got ".*; allowed: none, or a list of shift=/s,
      );
    },
  );

  test.each([
    'shift=two',
    'elastic=1/x',
    'elastic=/4',
    'elastic=1/',
    'elastic=1/2/3',
    'crop=2',
    'background=white',
    'hue=200',
  ])('leaves the ranges of "%s" to the trainer, which refuses them', (text) => {
    expect(() => trainOptions('mnist', { augmentation: parseAugmentation(text) })).toThrow(/^augmentation: /);
  });
});
