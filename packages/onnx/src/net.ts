import {
  type Conv2dLayer,
  type DenseLayer,
  GIVEN,
  type GraphPlan,
  type KernelPart,
  type PlanLayer,
  type Weight,
} from '@clearmaps/deconvnet/graph';
import type { GraphBuilder } from './graph-builder.ts';
import type { FloatType } from './onnx-proto.ts';

/** A net being written into a graph: its plan, and its weights as ONNX wants them. */
export class Net {
  constructor(
    readonly plan: GraphPlan,
    readonly builder: GraphBuilder,
    /** Of all values that are computed with its weights. */
    readonly type: FloatType = 'float32',
  ) {}

  /** The kernel of a convolution, [out, in / groups, kh, kw]; that of a dense layer, [in, out]. Or a part of it. */
  kernel(layer: Conv2dLayer | DenseLayer, part: KernelPart = GIVEN): string {
    return this.part(this.typed(this.wholeKernel(layer)), part);
  }

  /** [out]; undefined where the layer has none. */
  bias({ bias }: Conv2dLayer | DenseLayer, part: KernelPart = GIVEN): string | undefined {
    return bias && this.part(this.typed(this.builder.weight(bias.values, bias.shape)), part);
  }

  /** [C] as [C, 1, 1], for maps [B, C, h, w]. */
  perChannel({ values }: Weight): string {
    return this.typed(this.builder.weight(values, [values.length, 1, 1]));
  }

  /** Constants to compute with. */
  numbers(shape: readonly number[], values: ArrayLike<number>): string {
    return this.builder.floats(shape, values, this.type);
  }

  /** A value of the other type, as one to compute with; weights are stored as they came, in float32. */
  typed(value: string): string {
    return this.type === 'float32' ? value : this.builder.cast(value, this.type);
  }

  /** A value of this net for those who want float32. */
  float32(value: string): string {
    return this.type === 'float32' ? value : this.builder.cast(value, 'float32');
  }

  layer(name: string): PlanLayer | undefined {
    return this.plan.layers.get(name);
  }

  /**
   * Parts are written into the graph as operators on the weight that it has anyway: files stay small, and a runtime
   * computes them once, when it loads the graph.
   */
  private part(whole: string, part: KernelPart): string {
    const { builder } = this;
    const times = (value: string, factor: number): string =>
      factor === 1 ? value : builder.op('Mul', [value, this.numbers([], [factor])]);
    if (part === 'ones') {
      const shape = builder.op('Shape', [whole]);
      return builder.op('Expand', [this.numbers([], [1]), shape]);
    }
    const { positive, negative } = part;
    if (positive === negative) return times(whole, positive);
    const above = builder.op('Relu', [whole]);
    if (negative === 0) return times(above, positive);
    const below = builder.op('Min', [whole, this.numbers([], [0])]);
    if (positive === 0) return times(below, negative);
    return builder.op('Add', [times(above, positive), times(below, negative)]);
  }

  private wholeKernel(layer: Conv2dLayer | DenseLayer): string {
    const { shape, values } = layer.kernel;
    if (layer.type === 'dense') return this.builder.weight(values, shape);
    const [height, width, channelsIn, channelsOut] = shape as [number, number, number, number];
    return this.builder.weight(values, [channelsOut, channelsIn, height, width], (kernel) =>
      outermostOut(kernel, height * width, channelsIn, channelsOut),
    );
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
