import { MethodError } from './errors.ts';
import { defineMethod } from './method.ts';
import { upsampleBilinear } from './upsample.ts';

export const cam = defineMethod({
  family: 'class activation',
  paper: 'Zhou, Khosla, Lapedriza, Oliva & Torralba 2016, equation 2',
  promises: 'the last feature map z_L as the class reads it; its mean is the logit, but for the enlarging',
  cost: '1 forward',
  fails:
    'has the resolution of the last map, enlarged bilinearly, and needs scores that are the mean of a map',
  options: {},
  reduction: 'sum',
  prepare: ({ plan: { graph, featureMap }, engine }) => {
    const [h, w, count] = featureMap.shape;
    if (h * w === 1) {
      throw new MethodError({
        asked: `a class activation map of "${graph.name}"`,
        got: `scores of layer "${featureMap.logits}" that are no mean of a map`,
        allowed: 'nets that end in global average pooling, with or without dense layers after it',
        remedy: 'Grad-CAM takes any net.',
      });
    }
    return async ({ image, classes, step }) => {
      const map = await engine.featureMap(image);
      const maps = new Float32Array(classes.length * h * w);
      classes.forEach((c, row) => {
        for (let place = 0; place < h * w; place++) maps[row * h * w + place] = map[place * count + c]!;
      });
      await step(1, 1);
      return { values: upsampleBilinear(maps, [h, w], [graph.inputShape[0], graph.inputShape[1]]) };
    };
  },
});
