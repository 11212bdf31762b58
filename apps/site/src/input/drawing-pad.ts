import type { Picture } from '@clearmaps/models';
import { createElement } from '../create-element.ts';
import type { Ink } from './center-digit.ts';

/** Pixels of the drawing, each way. */
export const PAD_SIDE = 280;
const BRUSH = 24;
const KEY_STEP = 10;
const KEY_LEAP = 40;

export interface PadPoint {
  readonly x: number;
  readonly y: number;
}

const STEPS: Readonly<Record<string, PadPoint>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** A sheet to draw on, white on black: with mouse, touch or pen, or with the keyboard. */
export class DrawingPad {
  private readonly context: CanvasRenderingContext2D;
  private readonly brush = createElement('div', { class: 'brush', hidden: true });
  private pen: PadPoint | undefined;
  private at: PadPoint = { x: PAD_SIDE / 2, y: PAD_SIDE / 2 };
  private keyPenDown = false;
  private borrowed = false;

  /**
   * @param onDraw told after each change by hand
   * @param onStart told when a stroke begins
   */
  constructor(
    frame: HTMLElement,
    private readonly onDraw: () => void,
    private readonly onStart: () => void = () => {},
  ) {
    const canvas = createElement('canvas', { width: PAD_SIDE, height: PAD_SIDE });
    canvas.setAttribute('aria-hidden', 'true');
    frame.append(canvas, this.brush);
    this.context = canvas.getContext('2d', { willReadFrequently: true })!;
    Object.assign(this.context, {
      lineCap: 'round',
      lineJoin: 'round',
      strokeStyle: '#fff',
      lineWidth: BRUSH,
    });
    this.erase();
    frame.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      frame.setPointerCapture(event.pointerId);
      this.onStart();
      this.begin(pointIn(canvas, event));
    });
    frame.addEventListener('pointermove', (event) => {
      if (!this.pen || !frame.hasPointerCapture(event.pointerId)) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length > 0 ? events : [event]) this.lineTo(pointIn(canvas, each));
      this.onDraw();
    });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      frame.addEventListener(end, () => {
        this.pen = undefined;
      });
    }
    frame.addEventListener('keydown', (event) => this.onKey(event));
    frame.addEventListener('blur', () => {
      this.brush.hidden = true;
      this.keyPenDown = false;
    });
  }

  /** The pen goes down here. */
  begin(point: PadPoint): void {
    if (this.borrowed) this.erase();
    this.pen = point;
    this.lineTo(point);
    this.onDraw();
  }

  lineTo(point: PadPoint): void {
    const from = this.pen ?? point;
    this.context.beginPath();
    this.context.moveTo(from.x, from.y);
    this.context.lineTo(point.x, point.y);
    this.context.stroke();
    this.pen = point;
  }

  lift(): void {
    this.pen = undefined;
  }

  /** What is on the sheet now was not drawn by hand: the next stroke begins on a blank one. */
  markAsBorrowed(): void {
    this.borrowed = true;
  }

  clear(): void {
    this.erase();
    this.onDraw();
  }

  /** Shows a picture that was not drawn here. */
  show({ data, width, height }: Picture): void {
    const pixels = new ImageData(width, height);
    for (const [i, value] of data.entries()) pixels.data.set([value, value, value, 255], 4 * i);
    const small = createElement('canvas', { width, height });
    small.getContext('2d')!.putImageData(pixels, 0, 0);
    this.context.drawImage(small, 0, 0, PAD_SIDE, PAD_SIDE);
    this.markAsBorrowed();
  }

  ink(): Ink {
    const { data } = this.context.getImageData(0, 0, PAD_SIDE, PAD_SIDE);
    const ink = new Uint8Array(PAD_SIDE * PAD_SIDE);
    for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i]!;
    return { data: ink, width: PAD_SIDE, height: PAD_SIDE };
  }

  private erase(): void {
    this.borrowed = false;
    this.context.fillStyle = '#000';
    this.context.fillRect(0, 0, PAD_SIDE, PAD_SIDE);
  }

  private onKey(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step) {
      const pace = event.shiftKey ? KEY_LEAP : KEY_STEP;
      const inside = (value: number): number => Math.min(PAD_SIDE, Math.max(0, value));
      this.at = { x: inside(this.at.x + pace * step.x), y: inside(this.at.y + pace * step.y) };
      if (this.keyPenDown) this.lineTo(this.at);
      if (this.keyPenDown) this.onDraw();
    } else if (event.key === ' ') {
      this.keyPenDown = !this.keyPenDown;
      this.onStart();
      if (this.keyPenDown) this.begin(this.at);
      else this.lift();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.onStart();
      this.clear();
    } else return;
    event.preventDefault();
    this.brush.hidden = false;
    this.brush.classList.toggle('down', this.keyPenDown);
    this.brush.style.left = `${(100 * this.at.x) / PAD_SIDE}%`;
    this.brush.style.top = `${(100 * this.at.y) / PAD_SIDE}%`;
  }
}

function pointIn(canvas: HTMLCanvasElement, { clientX, clientY }: PointerEvent): PadPoint {
  const box = canvas.getBoundingClientRect();
  return {
    x: ((clientX - box.left) / box.width) * PAD_SIDE,
    y: ((clientY - box.top) / box.height) * PAD_SIDE,
  };
}
