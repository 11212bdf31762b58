import { expect, test } from 'vitest';
import { drawView, ElementError } from '../src/index.ts';

test('a class looked at alone is as bright as it was among the others', () => {
  const explanation = {
    shape: [1, 1, 2, 1] as const,
    classes: [0, 1],
    maps: Float32Array.of(4, 0, 0, 1),
    dominantResponse: Float32Array.of(4, 1),
  };
  const palette = {
    name: 'hues',
    count: 2,
    colors: Float64Array.of(1, 0, 0, 0, 1, 1),
    colorBlindSafe: false,
  } as const;
  const common = { view: 'clear', target: 0, palette, scale: 'max', opacity: 1 } as const;
  const both = drawView(explanation, { ...common, shown: [0, 1] });
  const alone = drawView(explanation, { ...common, shown: [1] });
  expect([...both.data.subarray(4)]).toEqual([0, 64, 64, 255]);
  expect([...alone.data.subarray(4)]).toEqual([0, 64, 64, 255]);
  expect([...drawView(explanation, { ...common, shown: [] }).data]).toEqual([0, 0, 0, 255, 0, 0, 0, 255]);
});

test('an overlay without its picture is refused with what to do', () => {
  const explanation = {
    shape: [1, 1, 1, 1] as const,
    classes: [0],
    maps: Float32Array.of(1),
    dominantResponse: Float32Array.of(1),
  };
  const palette = {
    name: 'hues',
    count: 1,
    colors: Float64Array.of(1, 0, 0),
    colorBlindSafe: false,
  } as const;
  const draw = () =>
    drawView(explanation, { view: 'overlay', shown: [0], target: 0, palette, scale: 'max', opacity: 1 });
  expect(draw).toThrow(ElementError);
  expect(draw).toThrow(/picture/);
});
