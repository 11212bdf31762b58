import {
  eye,
  keep,
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
import { requireKernels } from './kernels.ts';
import type { Conv2dLayer, Layer, LayerGraph, PoolLayer } from './layer-graph.ts';
import { type PoolPhases, preparePoolPhases } from './pool-phases.ts';
import { prepareTransposedConv, type TransposedConv, withoutDilation } from './transposed-conv.ts';

/**
 * A LayerGraph with its weights on the active backend. What the forward pass needs is uploaded at once; what the
 * way back needs (flipped kernels, window ranks) when it is first asked for, then kept.
 */
export class PreparedGraph extends GraphPlan {
  /** Convolutions that run as one op with the ReLU after them: the ReLU by the convolution's name. */
  readonly fusedRelu: ReadonlyMap<string, string>;
  private readonly kept = new Map<string, { value: unknown; tensors: readonly Tensor[] }>();

  /**
   * @throws GraphError, UnsupportedLayerError: see {@link validateGraph} and {@link findFeatureMap}.
   * @throws MissingKernelError: see {@link requireKernels}.
   */
  constructor(graph: LayerGraph) {
    super(graph, (layer) => (layer.type === 'conv2d' ? withoutDilation(layer) : layer));
    requireKernels(this.graph);
    this.fusedRelu = new Map(
      this.graph.layers.flatMap((layer) => {
        const [consumer, ...others] = this.consumers.get(layer.name)!;
        const fuses =
          layer.type === 'conv2d' && others.length === 0 && this.layers.get(consumer ?? '')?.type === 'relu';
        return fuses ? [[layer.name, consumer!] as const] : [];
      }),
    );
    for (const layer of this.graph.layers) {
      if (layer.type === 'conv2d' || layer.type === 'dense') {
        this.kernel(layer.name);
        this.bias(layer.name);
      }
    }
  }

  /** conv2d: [kh, kw, in, out]; dense: [in, out]. */
  kernel(name: string): Tensor {
    return this.keep(`${name} kernel`, () => {
      const { kernel } = this.layers.get(name) as Conv2dLayer;
      const value = tensor(kernel.values, kernel.shape as number[]);
      return { value, tensors: [value] };
    });
  }

  bias(name: string): Tensor | undefined {
    return this.keep(`${name} bias`, () => {
      const { bias } = this.layers.get(name) as Conv2dLayer;
      const value = bias && tensor(bias.values, bias.shape as number[]);
      return { value, tensors: value ? [value] : [] };
    });
  }

  /** The kernel as [out, in]: for dense layers and for 1x1 convolutions. */
  kernelRows(name: string): Tensor2D {
    return this.keep(`${name} rows`, () => {
      const kernel = this.kernel(name);
      const [channelsIn, channelsOut] = kernel.shape.slice(-2) as [number, number];
      const value = tidy(() => transpose(reshape(kernel, [channelsIn, channelsOut])) as Tensor2D);
      return { value, tensors: [value] };
    });
  }

  /** Whether a layer takes the output of a ReLU that no other layer takes: no other response arrives there. */
  takesReluAlone({ inputs }: Layer): boolean {
    return (
      inputs.length === 1 &&
      this.layers.get(inputs[0]!)?.type === 'relu' &&
      this.consumers.get(inputs[0]!)!.length === 1
    );
  }

  transposedConv(name: string): TransposedConv {
    return this.keep(`${name} transposed`, () => {
      const layer = this.layers.get(name) as Conv2dLayer;
      const value = prepareTransposedConv(this.kernel(name) as Tensor4D, this.convGeometry(layer));
      return { value, tensors: [value.kernel] };
    });
  }

  /** The transposed kernel as [out, taps * phases * in]: one row a channel of the response. */
  transposedKernelRows(name: string): Tensor2D {
    return this.keep(`${name} transposed rows`, () => {
      const { kernel } = this.transposedConv(name);
      const value = tidy(() => reshape(transpose(kernel, [2, 0, 1, 3]), [kernel.shape[2], -1]) as Tensor2D);
      return { value, tensors: [value] };
    });
  }

  poolPhases(name: string): PoolPhases {
    return this.keep(`${name} phases`, () => {
      const layer = this.layers.get(name) as PoolLayer;
      const value = preparePoolPhases(this.poolGeometry(layer));
      return { value, tensors: value.tiles.map((tile) => tile.rank) };
    });
  }

  averagePoolBack(name: string): AveragePoolBack {
    return this.keep(`${name} back`, () => {
      const value = prepareAveragePoolBack(this.poolPhases(name));
      return { value, tensors: [value.share, ...value.members] };
    });
  }

  /** The identity matrix of the classes, [N, N]: only nets whose last layer is larger than 1x1 ask for it. */
  classIdentity(): Tensor2D {
    return this.keep('class identity', () => {
      const value = eye(this.featureMap.shape[2]);
      return { value, tensors: [value] };
    });
  }

  dispose(): void {
    for (const { tensors } of this.kept.values()) for (const t of tensors) t.dispose();
    this.kept.clear();
  }

  private keep<T>(key: string, make: () => { value: T; tensors: readonly Tensor[] }): T {
    let entry = this.kept.get(key);
    if (entry === undefined) {
      entry = make();
      // A caller's tidy must not take what the next call needs.
      for (const t of entry.tensors) keep(t);
      this.kept.set(key, entry);
    }
    return entry.value as T;
  }
}

/** A 4-D view of a layer's output: rank 1 as [b, 1, 1, c]. The caller owns it. */
export function asSpatial(value: Tensor): Tensor4D {
  return value.rank === 4
    ? forAnotherOwner(value as Tensor4D)
    : reshape(value as Tensor2D, [value.shape[0]!, 1, 1, value.shape[1]!]);
}
