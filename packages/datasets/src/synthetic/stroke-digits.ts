/** A digit bent from a rod of one thickness, as ironmongers make them: its centre line in a box of 1 x 1. */
type Rod = readonly (readonly [x: number, y: number])[];

/** A digit made of rods, in units of its height; x to the right, y upwards. */
export interface StrokeDigit {
  /** Flat x, y pairs of open polylines, from the left bottom corner of the digit's box. */
  readonly rods: readonly Float32Array[];
  readonly thickness: number;
  readonly width: number;
}

const WEIGHTS = { light: 0.1, medium: 0.15, bold: 0.21 };
const WIDTHS = { narrow: 0.46, wide: 0.62 };
const SHAPES = ['a', 'b'] as const;

interface StrokeFace {
  readonly thickness: number;
  readonly width: number;
  readonly shape: (typeof SHAPES)[number];
}

const FACES = new Map<string, StrokeFace>(
  Object.entries(WEIGHTS).flatMap(([weight, thickness]) =>
    Object.entries(WIDTHS).flatMap(([breadth, width]) =>
      SHAPES.map((shape) => [`stroke-${weight}-${breadth}-${shape}`, { thickness, width, shape }] as const),
    ),
  ),
);

/**
 * Faces of this package's own, for shapes that house numbers have and fonts seldom: a 3 with a flat top, a 7 with a
 * bar, an open 4, straight-backed 6 and 9.
 */
export const STROKE_FACES: readonly string[] = [...FACES.keys()];

/** The ten digits of a stroke face, undefined for other names. */
export function strokeDigits(face: string): readonly StrokeDigit[] | undefined {
  const found = FACES.get(face);
  return found && SKELETONS.map((skeleton) => fit(skeleton[found.shape], found));
}

/** Puts a centre line into its box, the thickness on both sides. */
function fit(rods: readonly Rod[], { thickness, width }: StrokeFace): StrokeDigit {
  const xs = rods.flat().map(([x]) => x);
  const left = Math.min(...xs);
  const inner = (Math.max(...xs) - left) * (width - thickness);
  return {
    rods: rods.map((rod) =>
      Float32Array.from(
        rod.flatMap(([x, y]) => [
          thickness / 2 + (x - left) * (width - thickness),
          thickness / 2 + y * (1 - thickness),
        ]),
      ),
    ),
    thickness,
    width: inner + thickness,
  };
}

/** Points on an ellipse, degrees counted against the clock from the right. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Rod {
  const pieces = Math.ceil(Math.abs(to - from) / 15);
  return Array.from({ length: pieces + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / pieces) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
  });
}

const turned = (rods: readonly Rod[]): Rod[] =>
  rods.map((rod) => rod.map(([x, y]) => [1 - x, 1 - y] as const));
const ring = arc(0.5, 0.5, 0.5, 0.5, 0, 360);
const flatThree: Rod = [[0.02, 1], [0.95, 1], [0.4, 0.6], ...arc(0.46, 0.31, 0.54, 0.31, 85, -150)];
const sixStraight: Rod[] = [
  [
    [0.72, 1],
    [0.07, 0.42],
  ],
  arc(0.5, 0.29, 0.5, 0.29, 0, 360),
];
const sixRound: Rod[] = [arc(0.62, 0.5, 0.62, 0.5, 65, 185), arc(0.5, 0.3, 0.5, 0.3, 0, 360)];

/** Centre lines of 0..9 in both shapes. */
const SKELETONS: readonly { readonly a: readonly Rod[]; readonly b: readonly Rod[] }[] = [
  {
    a: [ring],
    b: [[...arc(0.5, 0.66, 0.5, 0.34, 0, 180), ...arc(0.5, 0.34, 0.5, 0.34, 180, 360), [1, 0.66]]],
  },
  {
    a: [
      [
        [0, 0.78],
        [0.45, 1],
        [0.45, 0],
      ],
    ],
    b: [
      [
        [0.1, 0.75],
        [0.5, 1],
        [0.5, 0],
      ],
      [
        [0.1, 0],
        [0.9, 0],
      ],
    ],
  },
  {
    a: [[...arc(0.5, 0.71, 0.48, 0.29, 170, -35), [0, 0], [1, 0]]],
    b: [[...arc(0.48, 0.72, 0.48, 0.28, 160, -20), ...arc(0.95, 0.05, 0.9, 0.45, 135, 180), [1, 0]]],
  },
  {
    a: [flatThree],
    b: [flatThree.map(([x, y], i) => (i === 2 ? ([0.3, 0.58] as const) : ([x, y] as const)))],
  },
  {
    a: [
      [
        [0.72, 0],
        [0.72, 1],
        [0, 0.28],
        [1, 0.28],
      ],
    ],
    b: [
      [
        [0.35, 1],
        [0, 0.32],
        [1, 0.32],
      ],
      [
        [0.72, 0.66],
        [0.72, 0],
      ],
    ],
  },
  {
    a: [[[0.9, 1], [0.14, 1], [0.06, 0.54], ...arc(0.44, 0.33, 0.54, 0.33, 120, -150)]],
    b: [[[0.95, 1], [0.1, 1], [0.1, 0.56], ...arc(0.42, 0.3, 0.58, 0.3, 95, -160)]],
  },
  { a: sixStraight, b: sixRound },
  {
    a: [
      [
        [0, 1],
        [1, 1],
        [0.35, 0],
      ],
    ],
    b: [
      [
        [0, 0.88],
        [0, 1],
        [1, 1],
        [0.4, 0],
      ],
      [
        [0.3, 0.48],
        [0.95, 0.48],
      ],
    ],
  },
  {
    a: [arc(0.5, 0.76, 0.4, 0.24, 0, 360), arc(0.5, 0.26, 0.5, 0.26, 0, 360)],
    b: [arc(0.5, 0.74, 0.45, 0.26, 0, 360), arc(0.5, 0.24, 0.5, 0.24, 0, 360)],
  },
  { a: turned(sixStraight), b: turned(sixRound) },
];
