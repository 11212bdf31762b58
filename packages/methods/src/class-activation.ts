import { GraphPlan, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { classGradients } from './class-gradients.ts';
import { cutLayers, graphFrom, graphUpTo } from './graph-parts.ts';
import type { ImageTask, MethodContext } from './method.ts';
import type { WordOption } from './method-options.ts';
import { upsampleBilinear } from './upsample.ts';

export const LAYER = {
  kind: 'word',
  unlessTold: 'the last map before the last weights',
  choices: cutLayers,
  help: 'whose output is weighted',
} as const satisfies WordOption;

/** Grad-CAM's maps of an image at the layer's own size. */
export interface ClassActivation {
  /** [h, w]. */
  readonly size: readonly [number, number];
  /** [n, h, w], never negative. */
  maps(task: ActivationTask): Promise<Float32Array>;
  /** The same, enlarged to the image: [n, H, W]. */
  enlarged(task: ActivationTask): Promise<Float32Array>;
}

type ActivationTask = Pick<ImageTask, 'image' | 'classes' | 'signal'>;

/**
 * max(sum over k of alpha_k^c A^k, 0) with alpha_k^c the mean over places of d logit_c / d A^k (Selvaraju et al.
 * 2017, equations 1 and 2). The net falls in two at the layer: the first part gives A, and the gradient of the
 * second part is the one wanted.
 */
export async function openClassActivation({
  plan: { graph },
  open,
  options,
}: Pick<
  MethodContext<{ readonly layer: string | undefined }>,
  'plan' | 'open' | 'options'
>): Promise<ClassActivation> {
  const layer = options.layer ?? lastMap(graph);
  const secondGraph = graphFrom(graph, layer);
  const first = await open(graphUpTo(graph, layer));
  const second = await open(secondGraph);
  const secondPlan = new GraphPlan(secondGraph);
  const [h, w, channels] = secondGraph.inputShape;
  const maps = async ({ image, classes, signal }: ActivationTask): Promise<Float32Array> => {
    const activation = await first.featureMap(image);
    const gradients = await classGradients(second, secondPlan, activation, { classes, signal });
    const weighted = new Float32Array(classes.length * h * w);
    for (let row = 0; row < classes.length; row++) {
      const alpha = new Float64Array(channels);
      for (let at = 0; at < h * w * channels; at++) {
        alpha[at % channels]! += gradients[row * h * w * channels + at]! / (h * w);
      }
      for (let place = 0; place < h * w; place++) {
        let sum = 0;
        for (let k = 0; k < channels; k++) sum += alpha[k]! * activation[place * channels + k]!;
        weighted[row * h * w + place] = Math.max(sum, 0);
      }
    }
    return weighted;
  };
  const [height, width] = graph.inputShape;
  return {
    size: [h, w],
    maps,
    enlarged: async (task) => upsampleBilinear(await maps(task), [h, w], [height, width]),
  };
}

/** In CLEAR's own nets the last weights are the kernel a class; in others a dense layer. */
function lastMap(graph: LayerGraph): string {
  const names = graph.layers.map(({ name }) => name);
  const weighted = graph.layers.findLastIndex(({ type }) => type === 'conv2d' || type === 'dense');
  return cutLayers(graph).findLast((name) => names.indexOf(name) < weighted) ?? '';
}
