import { Random } from '@clearmaps/random';
import { BATCH } from './batch-option.ts';
import { meanGradient } from './mean-gradient.ts';
import { defineMethod } from './method.ts';

export const smoothGrad = defineMethod({
  family: 'gradients',
  paper: 'Smilkov, Thorat, Kim, Viegas & Wattenberg 2017, section 3',
  promises: 'the mean, signed, of d logit / d x over noisy copies of the image',
  cost: '`samples` forwards, `samples` sweeps a class',
  fails: 'shows the gradient of a blurred net; too much noise leaves the data, too little helps nothing',
  options: {
    samples: { kind: 'number', value: 50, least: 1, whole: true, help: 'noisy copies of the image' },
    noise: {
      kind: 'number',
      value: 0.15,
      least: 0,
      help: "standard deviation, as a share of the image's range",
    },
    random: { kind: 'number', value: 1, whole: true, help: 'seed of the noise' },
    batch: BATCH,
  },
  reduction: 'sum',
  prepare: (context) => async (task) => {
    const { image } = task;
    const { samples, noise, random } = context.options;
    const range = image.reduce((a, b) => Math.max(a, b)) - image.reduce((a, b) => Math.min(a, b));
    const values = await meanGradient(context, task, samples, (sample, into) => {
      const stream = Random.stream(random, sample);
      for (let i = 0; i < image.length; i++) into[i] = image[i]! + noise * range * stream.normal();
    });
    return { values };
  },
});
