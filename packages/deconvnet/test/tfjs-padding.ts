import type { Padding } from '../src/index.ts';

type Ends = [number, number];

/** Padding as the ops of tfjs take it. */
export function tfjsPadding(padding: Padding): 'same' | 'valid' | [Ends, Ends, Ends, Ends] {
  if (typeof padding === 'string') return padding;
  const [[top, bottom], [left, right]] = padding;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
