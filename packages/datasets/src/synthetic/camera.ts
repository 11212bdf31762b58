import type { Dice } from './dice.ts';
import { expose } from './exposure.ts';
import { gaussianBlur, motionBlur, sharpen, shiftAcross } from './filters.ts';
import { jpegArtefacts } from './jpeg.ts';
import { type Planes, paint } from './paint.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';
import { enlarge } from './resize.ts';
import type { Scene } from './scene.ts';

/** Pixels of a crop's side. */
export const CROP_SIDE = 32;

/** Pixels painted beyond each side of the crop. */
const MARGIN = 2;

const { camera: CAMERA } = HOUSE_NUMBER_PARAMETERS;

/** Normal deviates are read from a table: one draw a pixel and channel, instead of four. */
const NORMALS = 4096;
let normals: Float32Array | undefined;

/** Photographs a scene and cuts the crop: bytes [32, 32, 3] into `crop`. */
export function photograph(dice: Dice, scene: Scene, crop: Uint8Array): void {
  const wanted = dice.logBetween(CAMERA.side);
  const inner = Math.min(CROP_SIDE, Math.round(wanted));
  // A crop of more than 32 pixels is reduced, and its blur and noise with it.
  const reduction = Math.min(1, CROP_SIDE / wanted);
  const planes = planesOf(inner, MARGIN);
  const { side, red, green, blue } = planes;
  paint(scene, planes);

  const focus = dice.chance(CAMERA.defocusShare)
    ? dice.between(CAMERA.defocus)
    : dice.logBetween(CAMERA.blur);
  const blur = Math.min(focus * reduction, (CAMERA.mostBlur * inner) / CROP_SIDE);
  const moved = dice.chance(CAMERA.motionShare) ? dice.between(CAMERA.motionLength) * reduction : 0;
  const direction = dice.between([0, Math.PI]);
  const fringe = dice.normal(CAMERA.fringe.mean, CAMERA.fringe.deviation) * reduction;
  for (const plane of [red, green, blue]) {
    gaussianBlur(plane, side, blur, blur);
    if (moved) motionBlur(plane, side, moved, Math.cos(direction), Math.sin(direction));
  }
  shiftAcross(red, side, fringe);
  shiftAcross(blue, side, -fringe);

  expose(dice, planes, scene);

  const noise = dice.logBetween(CAMERA.noise) * reduction;
  const sharpening = dice.between(CAMERA.sharpening) * reduction;
  for (const plane of [red, green, blue]) addNoise(dice, plane, noise);
  for (const plane of [red, green, blue]) sharpen(plane, side, sharpening);
  const jpeg = dice.chance(CAMERA.jpegShare);
  const quality = dice.between(CAMERA.jpegQuality);
  // Blocks of a photograph that is reduced by half and more are too small to see.
  if (jpeg)
    jpegArtefacts(planes, quality + (1 - reduction) * (100 - quality), dice.integer(16), dice.integer(16));
  cut(planes, crop);
}

/** The scene through a perfect camera. */
export function photographPerfectly(scene: Scene, crop: Uint8Array): void {
  const planes = planesOf(CROP_SIDE, 0);
  paint(scene, planes);
  cut(planes, crop);
}

function cut({ side, margin, red, green, blue }: Planes, crop: Uint8Array): void {
  [red, green, blue].forEach((plane, channel) => {
    const whole = enlarge(plane, side, margin, CROP_SIDE);
    for (let i = 0, at = channel; i < whole.length; i++, at += 3) {
      const level = whole[i]! + 0.5;
      crop[at] = level <= 0 ? 0 : Math.min(level, 255);
    }
  });
}

function planesOf(inner: number, margin: number): Planes {
  const side = inner + 2 * margin;
  const plane = () => new Float32Array(side * side);
  return { side, margin, red: plane(), green: plane(), blue: plane() };
}

function addNoise(dice: Dice, plane: Float32Array, deviation: number): void {
  normals ??= normalTable();
  for (let i = 0; i < plane.length; i++) {
    plane[i]! += deviation * normals[dice.bits() & (NORMALS - 1)]!;
  }
}

/** Deviates at evenly spaced probabilities, by bisection of the logistic approximation of Bowling et al. 2009. */
function normalTable(): Float32Array {
  const probability = (z: number) => 1 / (1 + Math.exp(-(0.07056 * z ** 3 + 1.5976 * z)));
  return Float32Array.from({ length: NORMALS }, (_, i) => {
    let low = -5;
    let high = 5;
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2;
      if (probability(middle) < (i + 0.5) / NORMALS) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  });
}
