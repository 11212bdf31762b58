import type { Range } from './dice.ts';

/**
 * Every number the generator draws from, in one table: ranges [low, high] are uniform unless the name says
 * otherwise, `{ mean, deviation }` is normal, shares are probabilities. Chosen by looking at real SVHN crops and by
 * matching their summary statistics (brightness, contrast, slopes, spectrum, chroma).
 *
 * Lengths: "digits" are heights of the centre digit, "crops" are sides of the crop, "pixels" are pixels of the
 * photograph that the crop was cut from, which is then resized to 32x32.
 */
export const HOUSE_NUMBER_PARAMETERS = {
  layout: {
    /** How many digits the number has: weights of 1, 2, 3, 4, 5. */
    digitCountWeights: [0.07, 0.42, 0.33, 0.15, 0.03],
    /** Numbers whose digits stand below each other. */
    verticalShare: 0.02,
    /** Extra space between neighbours, digits: most numbers are set tight, some plates are wide. */
    tracking: [-0.08, 0.1] as Range,
    wideTracking: [0.13, 0.5] as Range,
    wideTrackingShare: 0.12,
    /** Digits fixed to the wall one by one: each a little high or low (digits) and turned (radians). */
    looseShare: 0.4,
    looseShift: 0.03,
    looseTurn: 0.04,
    /** Slope of the number's line beyond the turn of its digits: house numbers down a stair. */
    stairShare: 0.04,
    stairSlope: 0.4,
  },
  view: {
    /** Digit height to crop side: SVHN's boxes leave a margin and are widened to squares. */
    digitHeight: { mean: 0.84, deviation: 0.11, within: [0.5, 1.04] as Range },
    /** Centre of the digit from the centre of the crop, crops. */
    shift: { mean: 0, deviation: 0.04 },
    /** Some boxes were drawn carelessly: the digit stands well to one side. */
    carelessShare: 0.06,
    carelessShift: { mean: 0, deviation: 0.09 },
    /** Radians. */
    turn: { mean: 0, deviation: 0.07 },
    /** Some are well askew. */
    askewShare: 0.15,
    askewTurn: { mean: 0, deviation: 0.22 },
    /** Horizontal shift to vertical way: slanted hands, and walls seen from below. */
    slant: { mean: 0.03, deviation: 0.13 },
    /** Width by height as seen: walls are seen from the side. */
    foreshortening: { mean: 0.76, deviation: 0.15, within: [0.42, 1.15] as Range },
    /** Change of scale from the centre to the edge of the crop. */
    perspective: { mean: 0, deviation: 0.05 },
  },
  stroke: {
    /** Strokes grow or shrink by this much on each side, digits. */
    boldness: { mean: 0, deviation: 0.012, within: [-0.012, 0.035] as Range },
    /** Soft edges of worn or painted digits, digits. */
    softness: [0, 0.03] as Range,
    /** A contour in another colour around the stroke. */
    outlineShare: 0.1,
    outlineWidth: [0.02, 0.07] as Range,
    /** Only the contour is painted. */
    hollowShare: 0.03,
    hollowWidth: [0.025, 0.05] as Range,
    /** Thick plastic or metal: edges lit from one side and dark on the other, share of full contrast. */
    bevelShare: 0.3,
    bevelStrength: [0.1, 0.6] as Range,
    bevelWidth: [0.03, 0.1] as Range,
    /** Brightness change over the stroke from top to bottom, in levels: polished metal. */
    sheenShare: 0.25,
    sheen: [-50, 50] as Range,
    shadowShare: 0.3,
    /** How far the shadow falls, digits. */
    shadowLength: [0.02, 0.12] as Range,
    shadowSoftness: [0.02, 0.12] as Range,
    /** Share of the light that the shadow takes. */
    shadowStrength: [0.2, 0.65] as Range,
  },
  background: {
    /** A plate behind the whole number, and tiles with one digit each. */
    plateShare: 0.5,
    tileShare: 0.08,
    /** From the number to the plate's edge, digits. */
    plateMarginX: [0.05, 0.6] as Range,
    plateMarginY: [0.1, 0.6] as Range,
    /** Corner radius to half the plate's height. */
    plateRoundness: [0, 1] as Range,
    plateRimShare: 0.45,
    /** Width of a painted rim and its distance from the edge, digits. */
    rimWidth: [0.015, 0.06] as Range,
    rimInset: [0.0, 0.09] as Range,
    /** Weights of the wall's patterns. */
    patternWeights: { plain: 0.5, mottled: 0.25, bricks: 0.08, boards: 0.06, wood: 0.05, stucco: 0.06 },
    /** Amplitude of a pattern, levels. */
    patternStrength: [3, 25] as Range,
    /** Brightness mottle of plates and strokes, levels. */
    mottle: [0, 14] as Range,
    /** Edges of frames, pipes and cables: straight bars across the crop. */
    barShare: 0.1,
    barWidth: [0.02, 0.3] as Range,
  },
  light: {
    /** Change of brightness across the crop, share of full light. */
    shading: { mean: 0, deviation: 0.06 },
    /** A cast shadow with a straight edge. */
    castShadowShare: 0.07,
    castShadowStrength: [0.25, 0.6] as Range,
    /** Red up and blue down, and green up, in levels of the finished crop: evening sun to shade. SVHN is bluish. */
    warmth: { mean: -3, deviation: 5 },
    tint: { mean: 0, deviation: 2.5 },
  },
  colour: {
    /** Least luma difference of digit and ground before exposure, levels. */
    leastContrast: 35,
    /** Standard deviation of luma in the finished crop, levels: log-normal. */
    exposureDeviation: { median: 29, sigma: 0.38 },
    exposureGain: [0.25, 1.7] as Range,
    /** Mean luma of the finished crop, levels. */
    exposureMean: { mean: 118, deviation: 41, within: [18, 232] as Range },
    /** Colourfulness: gain of colour differences, as a share of the contrast's. */
    chromaGain: [0.35, 0.85] as Range,
    /** How far the mean of the scene goes to that mean, 0..1. */
    exposurePull: 0.6,
    gamma: [0.85, 1.2] as Range,
  },
  camera: {
    /** Side of the crop in the photograph, pixels (logarithmic): small ones are enlarged to 32, that is SVHN's blur. */
    side: [12.5, 44] as Range,
    /** Gaussian blur of lens and focus, pixels (logarithmic). */
    blur: [0.5, 1.15] as Range,
    defocusShare: 0.12,
    defocus: [0.9, 1.8] as Range,
    /** Most blur in pixels of the finished crop: people no longer read what is worse. */
    mostBlur: 2.2,
    motionShare: 0.2,
    motionLength: [1, 3] as Range,
    /** Unsharp mask of the camera's own processing: bright rims around dark strokes. */
    sharpening: [0, 0.9] as Range,
    /** Red and blue shifted against green, pixels. */
    fringe: { mean: 0, deviation: 0.18 },
    /** Noise of a channel, levels (logarithmic). */
    noise: [0.6, 6] as Range,
    /** JPEG: 4:2:0 colour and 8x8 blocks of this quality. */
    jpegShare: 0.8,
    jpegQuality: [50, 94] as Range,
  },
} as const;
