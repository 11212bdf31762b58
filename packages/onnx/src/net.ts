import type { Conv2dLayer, DenseLayer, GraphPlan, PlanLayer, Weight } from '@clearmaps/deconvnet/graph';
import type { GraphBuilder } from './graph-builder.ts';

/** A net being written into a graph: its plan, and its weights as ONNX wants them. */
export class Net {
  constructor(
    readonly plan: GraphPlan,
    readonly builder: GraphBuilder,
  ) {}

  /** The kernel of a convolution, [out, in / groups, kh, kw]; that of a dense layer, [in, out]. */
  kernel(layer: Conv2dLayer | DenseLayer): string {
    const { shape, values } = layer.kernel;
    if (layer.type === 'dense') return this.builder.weight(values, shape);
    const [height, width, channelsIn, channelsOut] = shape as [number, number, number, number];
    return this.builder.weight(values, [channelsOut, channelsIn, height, width], (kernel) =>
      outermostOut(kernel, height * width, channelsIn, channelsOut),
    );
  }

  bias(layer: Conv2dLayer | DenseLayer): string | undefined {
    return layer.bias && this.builder.weight(layer.bias.values, layer.bias.shape);
  }

  /** [C] as [C, 1, 1], for maps [B, C, h, w]. */
  perChannel({ values }: Weight): string {
    return this.builder.weight(values, [values.length, 1, 1]);
  }

  layer(name: string): PlanLayer | undefined {
    return this.plan.layers.get(name);
  }
}

/** [places, in, out] to [out, in, places]. */
function outermostOut(values: Float32Array, places: number, channelsIn: number, channelsOut: number) {
  const turned = new Float32Array(values.length);
  for (let place = 0; place < places; place++) {
    for (let i = 0; i < channelsIn; i++) {
      const from = (place * channelsIn + i) * channelsOut;
      for (let o = 0; o < channelsOut; o++) turned[(o * channelsIn + i) * places + place] = values[from + o]!;
    }
  }
  return turned;
}
