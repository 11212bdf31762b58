import { LAYER, openClassActivation } from './class-activation.ts';
import { defineMethod } from './method.ts';

export const guidedGradCam = defineMethod({
  family: 'class activation',
  paper: 'Selvaraju, Cogswell, Das, Vedantam, Parikh & Batra 2017, section 3.2',
  promises: 'guided back-propagation where Grad-CAM sees the class: its detail, and which class',
  cost: '1 forward, 2 sweeps a class, one of them from the scores to the layer',
  fails: 'guided back-propagation shows edges of the picture whatever the weights are (Adebayo et al. 2018)',
  options: { layer: LAYER },
  reduction: 'sum',
  prepare: async (context) => {
    const activation = await openClassActivation(context);
    const channels = context.plan.graph.inputShape[2];
    return async (task) => {
      const { image, classes, signal } = task;
      const mask = await activation.enlarged(task);
      await task.step(1, 2);
      const { responses } = await context.engine.explain(image, {
        rule: 'guided',
        seed: 'unit',
        classes,
        responses: true,
        signal,
      });
      await task.step(2, 2);
      return { values: responses!.map((value, at) => value * mask[Math.floor(at / channels)]!) };
    };
  },
});
