import { classGradients } from './class-gradients.ts';
import { defineMethod } from './method.ts';

export const gradientTimesInput = defineMethod({
  paper: 'Shrikumar, Greenside, Shcherbina & Kundaje 2016, section 2',
  promises: 'x times d logit / d x; adds up to the logit where the net has no biases',
  cost: '1 forward, 1 sweep a class',
  fails: 'is 0 wherever the input is 0, so a dark background never speaks; noisy as the gradient is',
  options: {},
  reduction: 'sum',
  prepare:
    ({ engine, plan }) =>
    async (task) => {
      const { image } = task;
      const gradients = await classGradients(engine, plan, image, task);
      await task.step(1, 1);
      return { values: gradients.map((value, at) => value * image[at % image.length]!) };
    },
});
