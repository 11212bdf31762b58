import { Random } from '@clearmaps/random';
import { BATCH } from './batch-option.ts';
import { defineMethod } from './method.ts';
import { PatchGaussian } from './patch-gaussian.ts';
import { scoreVariants } from './score-variants.ts';
import { WINDOW_OPTIONS, windowOptions } from './window-options.ts';
import { likePlacesTogether, WindowMeans, windowsOver } from './windows.ts';

/** Pixels: the paper's for ImageNet (section 4.1), l - k = 4 of them around it. */
const MOST_WINDOW = 10;
const MARGIN = 2;

export const predictionDifference = defineMethod({
  family: 'taking away',
  paper: 'Zintgraf, Cohen, Adel & Welling 2017, section 3',
  promises:
    'what a window adds to the logit, or to the log-odds, against what its surroundings let one expect',
  cost: '`samples` forwards a window, for all classes',
  fails:
    'expects by a normal distribution, which draws no strokes; blind to evidence that stands twice; slow',
  options: {
    ...WINDOW_OPTIONS,
    window: {
      ...WINDOW_OPTIONS.window,
      unlessTold: `a seventh of the shorter side, at most ${MOST_WINDOW}`,
    },
    margin: {
      kind: 'number',
      value: MARGIN,
      least: 0,
      whole: true,
      help: 'pixels around a window that its values are drawn by',
    },
    score: {
      kind: 'word',
      // The log-odds of a net that is sure are decided by the rare draw that it is not sure of.
      value: 'logit',
      choices: ['logit', 'evidence'],
      help: 'activation difference before the softmax, or bits of evidence after it',
    },
    samples: { kind: 'number', value: 10, least: 1, whole: true, help: 'draws a window' },
    random: { kind: 'number', value: 1, whole: true, help: 'seed of the patches and draws' },
    batch: BATCH,
  },
  reduction: 'sum',
  callsSideBySide: true,
  needsReference: true,
  prepare: async ({ plan, engine, options, reference, signal }) => {
    const { inputShape } = plan.graph;
    const windows = windowsOver(inputShape, windowOptions(plan.graph, options, MOST_WINDOW));
    const patch = Math.min(windows.size + 2 * options.margin, inputShape[0], inputShape[1]);
    const gaussian = await PatchGaussian.fit(reference, inputShape, {
      size: patch,
      windows,
      seed: options.random,
      signal,
    });
    const learned = reference.length / inputShape.reduce((a, b) => a * b);
    const { samples, random, batch } = options;
    const scores = options.score === 'logit' ? 'logits' : 'probabilities';
    const measure = (score: number): number =>
      options.score === 'logit' ? score : logOdds(score, learned, plan.classCount);
    return async (task) => {
      const { image, classes } = task;
      const before = (await engine.predict(image))[scores];
      const means = new WindowMeans(windows, inputShape, classes.length);
      let without = new Float64Array(plan.classCount);
      const samplerOf = lastOf((window: number) => gaussian.given(image, window));
      const order = likePlacesTogether(windows);
      const windowOf = (variant: number): number => order[Math.floor(variant / samples)]!;
      await scoreVariants(engine, plan, task, {
        count: order.length * samples,
        batch,
        size: windows.size,
        corner: (variant) => windows.corners[windowOf(variant)]!,
        fill: (variant, into) => {
          const window = windowOf(variant);
          samplerOf(window).draw(into, Random.stream(random, window, variant % samples));
        },
        take: (variant, answered, row) => {
          // p(c | x without the window) is the mean over draws.
          without.forEach((_, c) => {
            without[c]! += answered[scores][row * plan.classCount + c]! / samples;
          });
          if (variant % samples < samples - 1) return;
          means.add(
            windowOf(variant),
            classes.map((c) => measure(before[c]!) - measure(without[c]!)),
          );
          without = new Float64Array(plan.classCount);
        },
      });
      return { values: means.maps() };
    };
  },
});

/** log2 p / (1 - p), with Laplace's correction p = (p n + 1) / (n + N) of section 3, n images and N classes. */
function logOdds(probability: number, images: number, classes: number): number {
  const corrected = (probability * images + 1) / (images + classes);
  return Math.log2(corrected / (1 - corrected));
}

/** Makes a thing once for calls in a row that ask for it. */
function lastOf<T>(make: (key: number) => T): (key: number) => T {
  let last: { readonly key: number; readonly made: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, made: make(key) };
    return last.made;
  };
}
