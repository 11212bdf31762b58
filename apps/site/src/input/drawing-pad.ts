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

export interface PadListener {
  /** A stroke begins. */
  onStart(): void;
  /** There is ink that was not there before: many times a frame, with some pens. */
  onInk(): void;
  /** The same, at most once a frame. */
  onDraw(): void;
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
  private drawnUntil = 0;
  private newInk = false;

  constructor(
    frame: HTMLElement,
    private readonly listener: PadListener,
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
      this.listener.onStart();
      this.drawnUntil = event.timeStamp;
      this.begin(pointIn(canvas, event));
    });
    const comesRaw = 'onpointerrawupdate' in frame;
    const follow = (event: PointerEvent): boolean => {
      if (!this.pen || !frame.hasPointerCapture(event.pointerId)) return false;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length > 0 ? events : [event]) {
        // `pointermove` comes once more with what `pointerrawupdate` brought before.
        if (comesRaw && each.timeStamp <= this.drawnUntil) continue;
        this.drawnUntil = each.timeStamp;
        this.lineTo(pointIn(canvas, each));
      }
      return true;
    };
    // Comes at once, where `pointermove` waits for the next frame of the screen.
    frame.addEventListener('pointerrawupdate', (event) => {
      if (follow(event as PointerEvent)) this.listener.onInk();
    });
    frame.addEventListener('pointermove', (event) => {
      if (follow(event)) this.listener.onDraw();
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
    this.listener.onDraw();
  }

  lineTo(point: PadPoint): void {
    const from = this.pen ?? point;
    this.context.beginPath();
    this.context.moveTo(from.x, from.y);
    this.context.lineTo(point.x, point.y);
    this.context.stroke();
    this.pen = point;
    this.newInk = true;
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
    this.newInk = true;
    this.listener.onDraw();
  }

  /** Whether anything has been drawn or erased by hand since it was taken. */
  get hasNewInk(): boolean {
    return this.newInk;
  }

  /** Shows a picture that was not drawn here. */
  show({ data, width, height }: Picture): void {
    const pixels = new ImageData(width, height);
    for (const [i, value] of data.entries()) pixels.data.set([value, value, value, 255], 4 * i);
    const small = createElement('canvas', { width, height });
    small.getContext('2d')!.putImageData(pixels, 0, 0);
    this.context.drawImage(small, 0, 0, PAD_SIDE, PAD_SIDE);
    this.markAsBorrowed();
    this.newInk = false;
  }

  takeInk(): Ink {
    this.newInk = false;
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
      if (this.keyPenDown) this.listener.onDraw();
    } else if (event.key === ' ') {
      this.keyPenDown = !this.keyPenDown;
      this.listener.onStart();
      if (this.keyPenDown) this.begin(this.at);
      else this.lift();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.listener.onStart();
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
