import { classGradients } from './class-gradients.ts';
import { defineMethod } from './method.ts';

export const saliency = defineMethod({
  family: 'gradients',
  paper: 'Simonyan, Vedaldi & Zisserman 2013, section 3',
  promises:
    '|d logit / d x|: how much a small change of the pixel moves the score, the largest over channels',
  cost: '1 forward, 1 sweep a class',
  fails: 'says nothing of the sign, is noisy, and is near 0 where a ReLU is saturated',
  options: {},
  reduction: 'max',
  prepare:
    ({ engine, plan }) =>
    async (task) => {
      const gradients = await classGradients(engine, plan, task.image, task);
      await task.step(1, 1);
      return { values: gradients.map(Math.abs) };
    },
});
