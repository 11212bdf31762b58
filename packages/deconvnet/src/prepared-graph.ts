import {
  eye,
  reshape,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import { type AveragePoolBack, prepareAveragePoolBack } from './average-pool.ts';
import { GraphPlan } from './graph-plan.ts';
import { KeptTensors } from './kept-tensors.ts';
import { requireKernels } from './kernels.ts';
import type {
  Conv2dLayer,
  DenseLayer,
  LayerGraph,
  PoolLayer,
  Relu6Layer,
  ReluLayer,
  Weight,
} from './layer-graph.ts';
import { GIVEN, type KernelPart, keyOf, partOf } from './layer-rules.ts';
import type { PlanLayer } from './pool-last.ts';
import { type PoolPhases, preparePoolPhases } from './pool-phases.ts';
import { prepareTransposedConv, type TransposedConv, withoutDilation } from './transposed-conv.ts';

/**
 * A LayerGraph with its weights on the active backend. What the forward pass needs is uploaded at once; what the
 * way back needs (flipped kernels, window ranks) when it is first asked for, then kept.
 */
export class PreparedGraph extends GraphPlan {
  /** Convolutions that run as one op with the ReLU or ReLU6 after them: that one by the convolution's name. */
  readonly fusedRelu: ReadonlyMap<string, ReluLayer | Relu6Layer>;
  private readonly kept = new KeptTensors();

  /**
   * @throws GraphError, UnsupportedLayerError: see {@link validateGraph} and {@link findFeatureMap}.
   * @throws MissingKernelError: see {@link requireKernels}.
   */
  constructor(graph: LayerGraph) {
    super(graph, (layer) => (layer.type === 'conv2d' ? withoutDilation(layer) : layer));
    requireKernels(this);
    this.fusedRelu = new Map(
      [...this.layers.values()].flatMap((layer) => {
        const [name, ...others] = this.consumers.get(layer.name)!;
        const consumer = this.layers.get(name ?? '');
        if (layer.type !== 'conv2d' || others.length > 0) return [];
        return consumer?.type === 'relu' || consumer?.type === 'relu6'
          ? [[layer.name, consumer] as const]
          : [];
      }),
    );
    for (const name of this.layers.keys())
      for (const role of ['kernel', 'bias', 'scale', 'shift'] as const) this.weight(name, role);
  }

  /** conv2d: [kh, kw, in / groups, out]; dense: [in, out]. */
  kernel(name: string, part: KernelPart = GIVEN): Tensor {
    if (keyOf(part) === keyOf(GIVEN)) return this.weight(name, 'kernel')!;
    return this.kept.get(`${name} kernel ${keyOf(part)}`, () => {
      const { type, ...layer } = this.originals.get(name) as Conv2dLayer | DenseLayer;
      const kernel = partOf(layer.kernel, part);
      // Zeros between the taps of a dilated kernel are no weights: no part of them.
      const { shape, values } =
        type === 'conv2d' ? withoutDilation({ ...layer, type, kernel } as Conv2dLayer).kernel : kernel;
      const value = tensor(values, shape as number[]);
      return { value, tensors: [value] };
    });
  }

  /** [out]; undefined where the layer has none. */
  bias(name: string, part: KernelPart): Tensor | undefined {
    const { bias } = this.originals.get(name) as Conv2dLayer | DenseLayer;
    if (bias === undefined || keyOf(part) === keyOf(GIVEN)) return this.weight(name, 'bias');
    return this.kept.get(`${name} bias ${keyOf(part)}`, () => {
      const value = tensor(partOf(bias, part).values);
      return { value, tensors: [value] };
    });
  }

  /** In the shape that it has in the layer; undefined where the layer has none of that role. */
  weight(name: string, role: 'kernel' | 'bias' | 'scale' | 'shift'): Tensor | undefined {
    return this.kept.get(`${name} ${role}`, () => {
      const weight = (this.layers.get(name) as Partial<Record<typeof role, Weight>>)[role];
      const value = weight && tensor(weight.values, weight.shape as number[]);
      return { value, tensors: value ? [value] : [] };
    });
  }

  /** The kernel as [out, in]: for dense layers and for 1x1 convolutions. */
  kernelRows(name: string, part: KernelPart): Tensor2D {
    return this.kept.get(`${name} rows ${keyOf(part)}`, () => {
      const kernel = this.kernel(name, part);
      const [channelsIn, channelsOut] = kernel.shape.slice(-2) as [number, number];
      const value = tidy(() => transpose(reshape(kernel, [channelsIn, channelsOut])) as Tensor2D);
      return { value, tensors: [value] };
    });
  }

  /**
   * Whether a layer takes the output of a ReLU or ReLU6 that no other layer takes: no other response arrives there.
   */
  takesReluAlone({ inputs }: PlanLayer): boolean {
    const below = this.layers.get(inputs[0]!)?.type;
    return (
      inputs.length === 1 &&
      (below === 'relu' || below === 'relu6') &&
      this.consumers.get(inputs[0]!)!.length === 1
    );
  }

  transposedConv(name: string, part: KernelPart): TransposedConv {
    return this.kept.get(`${name} transposed ${keyOf(part)}`, () => {
      const layer = this.layers.get(name) as Conv2dLayer;
      const kernel = this.kernel(name, part) as Tensor4D;
      const value = prepareTransposedConv(kernel, this.convGeometry(layer), layer.groups);
      return { value, tensors: [value.kernel] };
    });
  }

  /** The transposed kernel as [out, taps * phases * in]: one row a channel of the response. */
  transposedKernelRows(name: string, part: KernelPart): Tensor2D {
    return this.kept.get(`${name} transposed rows ${keyOf(part)}`, () => {
      const { kernel } = this.transposedConv(name, part);
      const value = tidy(() => reshape(transpose(kernel, [2, 0, 1, 3]), [kernel.shape[2], -1]) as Tensor2D);
      return { value, tensors: [value] };
    });
  }

  poolPhases(name: string): PoolPhases {
    return this.kept.get(`${name} phases`, () => {
      const layer = this.layers.get(name) as PoolLayer;
      const value = preparePoolPhases(this.poolGeometry(layer));
      return { value, tensors: value.tiles.map((tile) => tile.rank) };
    });
  }

  averagePoolBack(name: string): AveragePoolBack {
    return this.kept.get(`${name} back`, () => {
      const value = prepareAveragePoolBack(this.poolPhases(name));
      return { value, tensors: [value.share, ...value.members] };
    });
  }

  /** The identity matrix of the classes, [N, N]: only nets whose last layer is larger than 1x1 ask for it. */
  classIdentity(): Tensor2D {
    return this.kept.get('class identity', () => {
      const value = eye(this.featureMap.shape[2]);
      return { value, tensors: [value] };
    });
  }

  dispose(): void {
    this.kept.dispose();
  }
}

/** A 4-D view of a layer's output: rank 1 as [b, 1, 1, c]. The caller owns it. */
export function asSpatial(value: Tensor): Tensor4D {
  return value.rank === 4
    ? forAnotherOwner(value as Tensor4D)
    : reshape(value as Tensor2D, [value.shape[0]!, 1, 1, value.shape[1]!]);
}
