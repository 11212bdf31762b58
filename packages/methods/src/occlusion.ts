import { BATCH } from './batch-option.ts';
import { defineMethod } from './method.ts';
import { pixelValue } from './pixel-value.ts';
import { scoreVariants } from './score-variants.ts';
import { WINDOW_OPTIONS, windowOptions } from './window-options.ts';
import { likePlacesTogether, WindowMeans, windowsOver } from './windows.ts';

export const occlusion = defineMethod({
  family: 'taking away',
  paper: 'Zeiler & Fergus 2014, section 4.2',
  promises: 'how much the score falls when a window is covered, the mean over the windows that cover a pixel',
  cost: '1 forward a window that changes the image, for all classes',
  fails:
    'a covered picture is none that the net knows; blind to evidence that stands twice; coarse as its window',
  options: {
    ...WINDOW_OPTIONS,
    fill: {
      kind: 'number',
      unlessTold: '0 for gray images, 128 for colour',
      least: 0,
      most: 255,
      help: 'the gray that covers: 0 black, 255 white',
    },
    score: { kind: 'word', value: 'logit', choices: ['logit', 'probability'], help: 'what falls' },
    batch: BATCH,
  },
  reduction: 'sum',
  callsSideBySide: true,
  prepare: ({ plan, engine, options }) => {
    const { graph } = plan;
    const gray = pixelValue(graph, options.fill ?? (graph.inputShape[2] === 1 ? 0 : 128));
    const windows = windowsOver(graph.inputShape, windowOptions(graph, options));
    const score = options.score === 'logit' ? 'logits' : 'probabilities';
    return async (task) => {
      const { image, classes } = task;
      const means = new WindowMeans(windows, graph.inputShape, classes.length);
      const before = await engine.predict(image);
      const [, , channels] = graph.inputShape;
      const covered = Float32Array.from(
        { length: windows.size ** 2 * channels },
        (_, i) => gray[i % gray.length]!,
      );
      const order = likePlacesTogether(windows);
      await scoreVariants(engine, plan, task, {
        count: order.length,
        batch: options.batch,
        size: windows.size,
        corner: (variant) => windows.corners[order[variant]!]!,
        fill: (_, into) => into.set(covered),
        take: (variant, scores, row) =>
          means.add(
            order[variant]!,
            classes.map((c) => before[score][c]! - scores[score][row * plan.classCount + c]!),
          ),
      });
      return { values: means.maps() };
    };
  },
});
