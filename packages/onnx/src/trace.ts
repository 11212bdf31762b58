import type {
  GraphPlan,
  MaxPoolLayer,
  MeanGateLayer,
  PlanLayer,
  Rectifier,
  Share,
} from '@clearmaps/deconvnet/graph';
import { inverseOf } from './fractions.ts';
import { meanGate } from './mean-gate.ts';
import type { Net } from './net.ts';
import { slopeOf } from './rectifiers.ts';
import { findSwitches, switchesShape } from './switches.ts';

/** What the way back reads of the forward pass. Asking for a value writes what it takes into the graph, once. */
export interface Trace {
  /** z_L, [B, N, h, w]. */
  featureMap(): string;
  /**
   * Of a rectifier at its input: for a ReLU 1 where that was > 0, else 0. [B, C, h, w]; [B, C, 1, 1] of a
   * MeanGateLayer.
   */
  slope(layer: Rectifier | MeanGateLayer): string;
  /**
   * See {@link findSwitches}.
   *
   * @param under a rectifier that only this pool reads: its slope multiplies the switches. For pools whose windows
   *   fill the image side by side.
   */
  switches(pool: MaxPoolLayer, under?: Rectifier): string;
  /** What a layer, or the input, gave: [B, C, h, w]. */
  output(layer: string): string;
  /** factor / z of one of a layer's shares, see {@link inverseOf}. */
  inverse(layer: PlanLayer, share: Share): string;
}

/** The trace of a forward pass in the same graph, in float32 whatever type the pass computes with. */
export class WrittenTrace implements Trace {
  /** @param values of the layers by name, [B, C, h, w], in the net's type */
  constructor(
    private readonly net: Net,
    private readonly values: ReadonlyMap<string, string>,
  ) {}

  featureMap(): string {
    return this.output(this.net.plan.featureMap.layer);
  }

  slope(layer: Rectifier | MeanGateLayer): string {
    const { net } = this;
    return layer.type === 'meanGate'
      ? net.float32(meanGate(net, layer, this.values.get(layer.inputs[0]!)!).slope)
      : slopeOf(net, layer, this.values.get(layer.name)!, 'float32');
  }

  switches(pool: MaxPoolLayer, under?: Rectifier): string {
    const { net, values } = this;
    const switches = findSwitches(net, pool, values.get(pool.inputs[0]!)!, values.get(pool.name)!);
    return under === undefined ? switches : net.builder.op('Mul', [switches, this.slope(under)]);
  }

  output(layer: string): string {
    return this.net.float32(this.values.get(layer)!);
  }

  inverse(layer: PlanLayer, share: Share): string {
    const inputs = layer.inputs.map((name) => this.values.get(name)!);
    return this.net.float32(inverseOf(this.net, layer, share, inputs, this.values.get(layer.name)!));
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

  slope(layer: Rectifier | MeanGateLayer): string {
    const shape = traceShape(this.net.plan, layer.name);
    const fed = layer.type === 'meanGate' ? [shape[0]!, 1, 1] : shape;
    return this.fed(`slope of ${layer.name}`, fed, (trace) => trace.slope(layer));
  }

  switches(pool: MaxPoolLayer, under?: Rectifier): string {
    const name = `${under === undefined ? 'switches' : 'masked switches'} of ${pool.name}`;
    return this.fed(name, switchesShape(this.net.plan, pool), (trace) => trace.switches(pool, under));
  }

  output(layer: string): string {
    return this.fed(`output of ${layer}`, traceShape(this.net.plan, layer), (trace) => trace.output(layer));
  }

  inverse(layer: PlanLayer, share: Share): string {
    const name = `inverse of ${layer.name} ${JSON.stringify(share)}`;
    return this.fed(name, traceShape(this.net.plan, layer.name), (trace) => trace.inverse(layer, share));
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
