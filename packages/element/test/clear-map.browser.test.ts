import { classPalette, clearMap } from '@clearmaps/colormap';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import '../src/define.ts';
import type { ClearMapElement, PixelReading } from '../src/index.ts';

/** Three classes on 4x2 pixels. */
const explanation = {
  shape: [1, 2, 4, 1] as const,
  classes: [0, 1, 2],
  logits: Float32Array.of(0, 1, 2),
  probabilities: Float32Array.of(0.1, 0.2, 0.7),
  evidence: Float32Array.of(7, 5, 7.5),
  maps: Float32Array.of(5, 1, 0, 0, 0, 0, 0, 1, 0, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 1, 1, 0.5),
  dominantClass: Int32Array.of(0, 1, 1, 2, 2, 2, 2, 0),
  dominantResponse: Float32Array.of(5, 2, 3, 4, 1, 1, 1, 1),
};
const classNames = ['cat', 'dog', 'fox'];
let element: ClearMapElement;
let readings: (PixelReading | null)[];

beforeEach(async () => {
  element = document.createElement('clear-map');
  element.style.width = '400px';
  readings = [];
  element.addEventListener('pixel', (event) => readings.push((event as CustomEvent).detail));
  Object.assign(element, { explanation, classNames });
  document.body.append(element);
  await element.updateComplete;
});
afterEach(() => element.remove());

function frame(): HTMLElement {
  return element.renderRoot.querySelector('.frame')!;
}
function drawn(): number[] {
  const canvas = element.renderRoot.querySelector('canvas')!;
  return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
}

test('it draws the CLEAR map that the colormap package draws', async () => {
  const { dominantClass, dominantResponse } = explanation;
  const palette = classPalette(3);
  const map = clearMap({ dominantClass, dominantResponse, width: 4, height: 2, palette });
  expect(drawn()).toEqual([...map.data]);
});

test('switching a class off lets the next one win at once', async () => {
  element.off = [0];
  await element.updateComplete;
  expect(element.read({ x: 0, y: 0 })!.winner!.classIndex).toBe(1);
  expect(drawn().slice(0, 4)).toEqual([0, 0, 0, 255]);
  expect(drawn().slice(4, 8)).toEqual([0, Math.round((255 * 2) / 5), 0, 255]);
});

test('the pointer reads the pixel below it and tells when it leaves', async () => {
  const box = frame().getBoundingClientRect();
  const at = { clientX: box.left + 250, clientY: box.top + 50 };
  frame().dispatchEvent(new PointerEvent('pointermove', at));
  await element.updateComplete;
  expect(readings[0]).toMatchObject({ x: 2, y: 0, winner: { className: 'dog', response: 3 }, margin: 3 });
  expect(element.renderRoot.querySelector<HTMLElement>('[part=cursor]')!.style.left).toBe('50%');
  frame().dispatchEvent(new PointerEvent('pointerleave'));
  expect(readings.at(-1)).toBeNull();
});

test('arrow keys move through the map, stop at its edge, and are spoken', async () => {
  frame().focus();
  await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowUp}');
  await element.updateComplete;
  expect(readings.at(-1)).toMatchObject({ x: 3, y: 0 });
  expect(readings.at(-1)!.winner!.className).toBe('fox');
  expect(element.renderRoot.querySelector('.spoken')!.textContent).toContain('Column 4, row 1: class fox');
  await userEvent.keyboard('{Escape}');
  expect(readings.at(-1)).toBeNull();
});

test('a view that lacks its picture says so in words', async () => {
  element.setAttribute('view', 'overlay');
  await element.updateComplete;
  const alert = element.renderRoot.querySelector('[role=alert]');
  expect(alert!.textContent).toContain('picture');
});

test('a smaller explanation takes the cursor away', async () => {
  element.cursor = { x: 3, y: 1 };
  await element.updateComplete;
  element.explanation = { ...explanation, shape: [1, 1, 1, 1], maps: Float32Array.of(1, 2, 3) };
  await element.updateComplete;
  expect(element.cursor).toBeUndefined();
});
