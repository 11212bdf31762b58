import { BATCH } from './batch-option.ts';
import { meanGradient } from './mean-gradient.ts';
import { defineMethod } from './method.ts';
import { pixelValue } from './pixel-value.ts';

export const integratedGradients = defineMethod({
  family: 'gradients',
  paper: 'Sundararajan, Taly & Yan 2017, equations 1 and 3',
  promises: "adds up to the logit minus the baseline's logit (completeness); the error is told",
  cost: '`steps` + 2 forwards, `steps` sweeps a class',
  fails: 'depends on the baseline: a pixel that equals it gets 0, whatever it means to the net',
  options: {
    steps: {
      kind: 'number',
      value: 50,
      least: 1,
      whole: true,
      help: 'points between baseline and image (midpoint rule)',
    },
    baseline: {
      kind: 'number',
      value: 0,
      least: 0,
      most: 255,
      help: 'the gray that stands for "nothing": 0 black, 255 white',
    },
    batch: BATCH,
  },
  reduction: 'sum',
  prepare: (context) => async (task) => {
    const { engine, plan, options } = context;
    const { image, classes } = task;
    const gray = pixelValue(plan.graph, options.baseline);
    const baseline = image.map((_, i) => gray[i % gray.length]!);
    const step = image.map((value, i) => value - baseline[i]!);
    const mean = await meanGradient(context, task, options.steps, (point, into) => {
      const share = (point + 0.5) / options.steps;
      for (let i = 0; i < image.length; i++) into[i] = baseline[i]! + share * step[i]!;
    });
    const values = mean.map((value, at) => value * step[at % step.length]!);
    const { logits } = await engine.predict(Float32Array.from([...image, ...baseline]));
    const completenessError = Float32Array.from(classes, (c, row) => {
      const sum = values.subarray(row * image.length, (row + 1) * image.length).reduce((a, b) => a + b, 0);
      return sum - (logits[c]! - logits[plan.classCount + c]!);
    });
    return { values, completenessError };
  },
});
