import type { PaletteName, Raster, Scale } from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet/graph';
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { type DrawViewOptions, drawView, type ElementView } from './draw-view.ts';
import { explanationPalette } from './explanation-palette.ts';
import { type PixelReading, readPixel } from './pixel-reading.ts';
import { shownClasses } from './shown-classes.ts';
import { styles } from './styles.ts';

/** A pixel of the map. */
export interface PixelPlace {
  readonly x: number;
  readonly y: number;
}

/** Told as `event.detail`; null once the pointer or the focus has left. */
export type PixelEvent = CustomEvent<PixelReading | null>;

/** From this many pixels on a map is enlarged smoothly: its pixels are too small to be told apart. */
const SMOOTH_FROM = 128;
const STEPS: Readonly<Record<string, PixelPlace>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * `<clear-map>`: one view of an explanation, which a reader can look into.
 *
 * Fires `pixel` ({@link PixelEvent}) as the pointer moves over the map or the arrow keys move its cursor (ten pixels
 * at a time with Shift, Escape leaves). Parts for CSS: `map`, `cursor`, `empty`, `error`.
 */
export class ClearMapElement extends LitElement {
  static override readonly styles = styles;
  static override readonly properties = {
    explanation: { attribute: false },
    classNames: { attribute: false },
    picture: { attribute: false },
    view: { reflect: true },
    opacity: { type: Number },
    scale: { attribute: false },
    palette: {},
    target: { type: Number },
    solo: { type: Number },
    pinned: { attribute: false },
    off: { attribute: false },
    cursor: { attribute: false },
    label: {},
  };

  /** What to show; its first image. */
  declare explanation: Explanation | undefined;
  /** One a class of the model; numbers stand in for those that lack one. */
  declare classNames: readonly string[];
  /** The original at the size of the maps: overlay and original need it. */
  declare picture: Raster | undefined;
  /** Default 'clear'. */
  declare view: ElementView;
  /** Of the overlay's map, 0..1; default 0.9. */
  declare opacity: number;
  /** Default 'max'. */
  declare scale: Scale;
  /** Default 'hues'. */
  declare palette: PaletteName;
  /** The class that heatmap, binary and response map speak for; the most probable one unless set. */
  declare target: number | undefined;
  /** The only class to show, while set. */
  declare solo: number | undefined;
  /** Where not empty, only these compete: two of them are A against B. */
  declare pinned: readonly number[];
  /** Classes that do not compete. */
  declare off: readonly number[];
  /** The marked pixel; set it to keep several maps in step. */
  declare cursor: PixelPlace | undefined;
  /** The name of the map for screen readers. */
  declare label: string;
  private raster: Raster | undefined;
  private problem: string | undefined;

  constructor() {
    super();
    this.classNames = [];
    this.view = 'clear';
    this.opacity = 0.9;
    this.scale = 'max';
    this.palette = 'hues';
    this.pinned = [];
    this.off = [];
    this.label = 'CLEAR map';
  }

  /** What the explanation says of a pixel, with the classes that compete now; undefined outside the map. */
  read({ x, y }: PixelPlace): PixelReading | undefined {
    const { explanation, classNames } = this;
    if (!explanation) return undefined;
    const [, height, width] = explanation.shape;
    if (x < 0 || y < 0 || x >= width || y >= height) return undefined;
    return readPixel(explanation, { x, y, classNames, shown: shownClasses(explanation.classes, this) });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // A cursor that the new, smaller map does not have.
    if (changed.has('explanation') && this.cursor && !this.read(this.cursor)) this.cursor = undefined;
    if (this.explanation && !(changed.size === 1 && changed.has('cursor'))) this.draw(this.explanation);
  }

  private draw(explanation: Explanation): void {
    try {
      this.raster = drawView(explanation, this.drawOptions(explanation));
      this.problem = undefined;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    const canvas = this.renderRoot.querySelector('canvas');
    if (!canvas || !this.raster || (changed.size === 1 && changed.has('cursor'))) return;
    const { data, width, height } = this.raster;
    // Setting a size clears the canvas, so it is set only where it changes.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    canvas.getContext('2d')!.putImageData(new ImageData(data, width), 0, 0);
  }

  private drawOptions(explanation: Explanation): DrawViewOptions {
    const { probabilities, classes } = explanation;
    const likeliest = classes.reduce((best, c) => (probabilities[c]! > probabilities[best]! ? c : best));
    const { view, picture, scale, opacity, target = likeliest } = this;
    const shown = shownClasses(classes, this);
    return {
      view,
      picture,
      scale,
      opacity,
      target,
      shown,
      palette: explanationPalette(explanation, this.palette),
    };
  }

  protected override render(): TemplateResult {
    if (!this.explanation) return html`<div part="empty"><slot></slot></div>`;
    const [, height, width] = this.explanation.shape;
    const { cursor } = this;
    const smooth = Math.min(width, height) >= SMOOTH_FROM;
    return html`
      <div
        class="frame"
        role="application"
        aria-label="${this.label}. Arrow keys read single pixels."
        tabindex="0"
        style="aspect-ratio: ${width} / ${height}"
        @pointermove=${this.onPointer}
        @pointerdown=${this.onPointer}
        @pointerleave=${this.leave}
        @keydown=${this.onKey}
        @blur=${this.leave}
      >
        <canvas part="map" role="img" aria-label=${this.label} class=${smooth ? 'smooth' : 'pixels'}></canvas>
        ${
          cursor &&
          html`<div
            part="cursor"
            style="left: ${(100 * cursor.x) / width}%; top: ${(100 * cursor.y) / height}%;
              width: ${100 / width}%; height: ${100 / height}%"
          ></div>`
        }
        <p class="spoken" aria-live="polite">${cursor && this.matches(':focus-within') ? this.spoken(cursor) : ''}</p>
      </div>
      ${this.problem && html`<p part="error" role="alert">${this.problem}</p>`}
    `;
  }

  private spoken(cursor: PixelPlace): string {
    const { winner, margin } = this.read(cursor) ?? {};
    const place = `Column ${cursor.x + 1}, row ${cursor.y + 1}`;
    if (!winner) return place;
    const lead = margin === undefined ? '' : `, ahead by ${margin.toPrecision(2)}`;
    return `${place}: class ${winner.className}, response ${winner.response.toPrecision(2)}${lead}`;
  }

  private onPointer(event: PointerEvent): void {
    const [, height, width] = this.explanation!.shape;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * height);
    this.moveTo({ x, y });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.leave();
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [, height, width] = this.explanation!.shape;
    const { x, y } = this.cursor ?? { x: Math.floor(width / 2), y: Math.floor(height / 2) };
    const pace = event.shiftKey ? 10 : 1;
    this.moveTo({
      x: Math.min(width - 1, Math.max(0, x + pace * step.x)),
      y: Math.min(height - 1, Math.max(0, y + pace * step.y)),
    });
  }

  private moveTo(place: PixelPlace): void {
    const reading = this.read(place);
    if (reading === undefined || (place.x === this.cursor?.x && place.y === this.cursor.y)) return;
    this.cursor = place;
    this.tell(reading);
  }

  private leave(): void {
    if (this.cursor === undefined) return;
    this.cursor = undefined;
    this.tell(null);
  }

  private tell(detail: PixelReading | null): void {
    this.dispatchEvent(new CustomEvent('pixel', { detail, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'clear-map': ClearMapElement;
  }
  interface HTMLElementEventMap {
    /** Of `<clear-map>`; it bubbles. */
    pixel: CustomEvent<PixelReading | null>;
  }
}
