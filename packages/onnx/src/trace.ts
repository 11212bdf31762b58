import type { GraphPlan, MaxPoolLayer } from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';
import { DATA_TYPE } from './onnx-proto.ts';
import { findSwitches, switchesShape } from './switches.ts';

/** What the way back reads of the forward pass. Asking for a value writes what it takes into the graph, once. */
export interface Trace {
  /** z_L, [B, N, h, w]. */
  featureMap(): string;
  /** 1 where the input of a ReLU was > 0, else 0: [B, C, h, w]. */
  reluMask(relu: string): string;
  /**
   * See {@link findSwitches}.
   *
   * @param under a ReLU that only this pool reads: pixels that it held back get 0 as well. For pools whose windows
   *   fill the image side by side.
   */
  switches(pool: MaxPoolLayer, under?: string): string;
}

/** The trace of a forward pass in the same graph. */
export class WrittenTrace implements Trace {
  /** @param values of the layers by name, [B, C, h, w] */
  constructor(
    private readonly net: Net,
    private readonly values: ReadonlyMap<string, string>,
  ) {}

  featureMap(): string {
    return this.values.get(this.net.plan.featureMap.layer)!;
  }

  reluMask(relu: string): string {
    const { builder } = this.net;
    // Sign would be one step, and three times as slow in onnxruntime.
    const lets = builder.op('Greater', [this.values.get(relu)!, builder.floats([], [0])]);
    return builder.op('Cast', [lets], { to: DATA_TYPE.float32 });
  }

  switches(pool: MaxPoolLayer, under?: string): string {
    const { net, values } = this;
    const switches = findSwitches(net, pool, values.get(pool.inputs[0]!)!, values.get(pool.name)!);
    return under === undefined ? switches : net.builder.op('Mul', [switches, this.reluMask(under)]);
  }
}

/** The name of z_L among the values that one graph takes of another's trace. */
export const FEATURE_MAP = 'feature map';

/** A value that one graph takes of another's trace. */
export interface TraceValue {
  /** Without the batch. */
  readonly shape: readonly number[];
  readonly ask: (trace: Trace) => string;
}

/** A trace that comes from outside: each value asked for becomes an input of the graph. */
export class FedTrace implements Trace {
  /** The inputs by name. */
  readonly wanted = new Map<string, TraceValue>();

  constructor(private readonly net: Net) {}

  featureMap(): string {
    return this.fed(FEATURE_MAP, traceShape(this.net.plan, this.net.plan.featureMap.layer), (trace) =>
      trace.featureMap(),
    );
  }

  reluMask(relu: string): string {
    return this.fed(`mask of ${relu}`, traceShape(this.net.plan, relu), (trace) => trace.reluMask(relu));
  }

  switches(pool: MaxPoolLayer, under?: string): string {
    const name = `${under === undefined ? 'switches' : 'masked switches'} of ${pool.name}`;
    return this.fed(name, switchesShape(this.net.plan, pool), (trace) => trace.switches(pool, under));
  }

  private fed(name: string, shape: readonly number[], ask: TraceValue['ask']): string {
    if (!this.wanted.has(name)) {
      this.wanted.set(name, { shape, ask });
      this.net.builder.input(name, 'float32', ['batch', ...shape], '');
    }
    return name;
  }
}

/** [C, h, w] of a layer's output. */
function traceShape(plan: GraphPlan, layer: string): number[] {
  const [height, width, channels] = plan.spatialShape(layer);
  return [channels, height, width];
}
