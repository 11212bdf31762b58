import { distanceAt, REACH } from './digit-fields.ts';
import type { PlacedDigit } from './number-layout.ts';
import type { Scene } from './scene.ts';
import type { Bar, Plate } from './surroundings.ts';

/** Red, green and blue planes of side x side pixels, levels, not clipped. */
export interface Planes {
  readonly side: number;
  /** Pixels beyond the crop on each of its sides, so that filters see what a photograph has there. */
  readonly margin: number;
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
}

/** Paints the scene as a perfect lens would show it, each pixel by its coverage of strokes and edges. */
export function paint(scene: Scene, { side, margin, red, green, blue }: Planes): void {
  const { number, view, stroke, light } = scene;
  const { digits } = number;
  const [a, b, c, d] = view.matrix;
  const inner = side - 2 * margin;
  const pixel = view.scale / inner;
  const edge = Math.max(pixel, stroke.softness);
  const { bevel, shadow, outline, hollowWidth } = stroke;
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++, at++) {
      const u = (column - margin + 0.5) / inner - 0.5;
      const v = (row - margin + 0.5) / inner - 0.5;
      const near = 1 / (1 + view.perspectiveU * u + view.perspectiveV * v);
      const x = near * (a * (u - view.shiftU) + b * (v - view.shiftV));
      const y = near * (c * (u - view.shiftU) + d * (v - view.shiftV));

      const rough = scene.patternStrength === 0 ? 0 : scene.pattern(x, y) * scene.patternStrength;
      let [r, g, k] = scene.wall;
      r += rough;
      g += rough;
      k += rough;
      const blend = (colour: readonly [number, number, number], cover: number, add: number) => {
        r += (colour[0] + add - r) * cover;
        g += (colour[1] + add - g) * cover;
        k += (colour[2] + add - k) * cover;
      };
      if (scene.bar) {
        const cover = coverage(barDistance(scene.bar, x, y), edge);
        if (cover > 0) blend(scene.bar.colour, cover, 0);
      }
      const mottle = scene.mottleStrength === 0 ? 0 : scene.mottle(x, y) * scene.mottleStrength;
      for (const plate of scene.plates) {
        const inside = plateDistance(plate, x, y);
        if (inside < -edge) continue;
        blend(plate.colour, coverage(inside, edge), mottle);
        if (plate.rim) {
          const { inset, width, colour } = plate.rim;
          const onRim = coverage(width / 2 - Math.abs(inside - inset - width / 2), edge);
          if (onRim > 0) blend(colour, onRim, mottle);
        }
      }

      let shade = 1 + light.shadingU * 2 * u + light.shadingV * 2 * v;
      if (shadow) {
        const under = distance(digits, x - shadow.x, y - shadow.y) + stroke.boldness;
        shade *= 1 - shadow.strength * coverage(under, Math.max(edge, shadow.softness));
      }
      const depth = distance(digits, x, y) + stroke.boldness;
      const cover = coverage(depth, edge);
      if (shadow && cover > 0) {
        // The digit stands before its own shadow.
        const lit = 1 + light.shadingU * 2 * u + light.shadingV * 2 * v;
        shade += (lit - shade) * cover;
      }
      if (outline && depth > -outline.width - edge) {
        blend(outline.colour, coverage(depth + outline.width, edge), 0);
      }
      if (cover > 0) {
        let add = mottle + stroke.sheen * y;
        if (bevel) {
          const slope = depth - distance(digits, x - bevel.x, y - bevel.y) - stroke.boldness;
          add += (slope / Math.hypot(bevel.x, bevel.y)) * bevel.strength * 128;
        }
        const band = hollowWidth === null ? 1 : coverage(hollowWidth - depth, edge);
        blend(stroke.ink, cover * band, add);
      }
      if (light.cast) shade *= 1 - light.castStrength * coverage(castDistance(light.cast, x, y), 0.1);
      red[at] = r * shade;
      green[at] = g * shade;
      blue[at] = k * shade;
    }
  }
}

/** The share of a pixel that lies inside an edge `depth` away, where the edge is `width` wide. */
function coverage(depth: number, width: number): number {
  const t = depth / width + 0.5;
  return t <= 0 ? 0 : Math.min(t, 1);
}

/** To the edge of the nearest digit, positive inside. */
function distance(digits: readonly PlacedDigit[], x: number, y: number): number {
  let best = -REACH;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits[i]!;
    const dx = x - digit.x;
    const dy = y - digit.y;
    const reach = digit.halfWidth + digit.halfHeight + 0.3;
    if (dx > reach || dx < -reach) continue;
    const along = digit.cosine * dx + digit.sine * dy;
    const up = digit.cosine * dy - digit.sine * dx;
    const found = distanceAt(
      digit.field,
      (along + digit.halfWidth) * digit.scale,
      (up + digit.halfHeight) * digit.scale,
    );
    if (found / digit.scale > best) best = found / digit.scale;
  }
  return best;
}

/** Signed distance to a rounded box (Inigo Quilez' formula), positive inside. */
function plateDistance({ x: cx, y: cy, halfWidth, halfHeight, radius }: Plate, x: number, y: number): number {
  const dx = Math.abs(x - cx) - halfWidth + radius;
  const dy = Math.abs(y - cy) - halfHeight + radius;
  const ax = Math.max(dx, 0);
  const ay = Math.max(dy, 0);
  return radius - Math.sqrt(ax * ax + ay * ay) - Math.min(Math.max(dx, dy), 0);
}

function barDistance({ nx, ny, distance: away, halfWidth }: Bar, x: number, y: number): number {
  return halfWidth - Math.abs(x * nx + y * ny - away);
}

/** Cast shadows may lie across the digit, and go on for ever on their side. */
function castDistance({ nx, ny, distance: away }: Bar, x: number, y: number): number {
  return Math.sign(away) * (x * nx + y * ny - away * 0.5);
}
