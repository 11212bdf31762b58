import { LAYER, openClassActivation } from './class-activation.ts';
import { defineMethod } from './method.ts';

export const gradCam = defineMethod({
  family: 'class activation',
  paper: 'Selvaraju, Cogswell, Das, Vedantam, Parikh & Batra 2017, equations 1 and 2',
  promises: "which places of a layer raise the class's logit, at the resolution of that layer",
  cost: '1 forward, 1 sweep a class from the scores to the layer',
  fails: 'coarse, enlarged bilinearly; misses evidence against; a mean gradient hides parts that disagree',
  options: { layer: LAYER },
  reduction: 'sum',
  prepare: async (context) => {
    const activation = await openClassActivation(context);
    return async (task) => {
      const values = await activation.enlarged(task);
      await task.step(1, 1);
      return { values };
    };
  },
});
