import {
  type Composite,
  definitionOf,
  type Rule,
  type RuleDefinition,
  relevanceShares,
  type Seed,
  type Share,
} from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';
import type { Trace } from './trace.ts';

export interface SweepOptions {
  readonly rule: Rule | Composite;
  readonly seed: Seed;
  /** The layer at whose output the responses are wanted, on the way back from z_L; or the input. */
  readonly at: string;
  /** Layers whose responses are wanted on the way there. */
  readonly layers: readonly string[];
}

/** Rows of one class each. */
export interface SweepClasses {
  /** int64 [g]. */
  readonly indices: string;
  readonly count: number;
  /** Whether they are a constant of the graph. */
  readonly known: boolean;
}

/** Rows of several classes each, whose seeds stand together. */
export interface SweepMembers {
  /** float32 [g, N]: 1 for each class that is in the row. */
  readonly members: string;
  readonly count: number;
}

export type SweepRows = SweepClasses | SweepMembers;

/** One way back through the net, of `group` rows that travel together: responses are [B*g, C, h, w]. */
export class Sweep {
  /** ReLUs whose rule has acted already, together with the pool that reads them. */
  readonly settled = new Set<string>();
  readonly rule: RuleDefinition;
  /** Layers at whose outputs the responses are read: nothing may act on these on the way there. */
  readonly stops: ReadonlySet<string>;
  /** Of layers, where the rule propagates relevance. */
  readonly shares: ReadonlyMap<string, readonly Share[]>;

  constructor(
    readonly net: Net,
    readonly trace: Trace,
    readonly options: SweepOptions,
    readonly asked: SweepRows,
    /** Whether the channels of the image are to be summed: the last kernels then are, instead of responses. */
    readonly sumsImage: boolean,
  ) {
    this.rule = definitionOf(options.rule);
    this.stops = new Set([options.at, ...options.layers]);
    this.shares = this.rule.composite ? relevanceShares(net.plan, this.rule.composite) : new Map();
  }

  /** The g of the shapes. */
  get group(): number {
    return this.asked.count;
  }

  /** Of a sweep whose rows are single classes. */
  get classes(): SweepClasses {
    return this.asked as SweepClasses;
  }

  /**
   * Rows of a matrix with one for each class, [N, c]: those of the classes where these are known. Where they are
   * not, all rows stay, so that what is computed from them is constant too, and {@link rowsAtLast} chooses.
   */
  rowsAtFirst(matrix: string): string {
    return this.classes.known ? this.rows(matrix) : matrix;
  }

  /** [g, c]. */
  rowsAtLast(matrix: string): string {
    return this.classes.known ? matrix : this.rows(matrix);
  }

  /** The channels of the classes: [B, N, h, w] to [B, g, h, w]. */
  channels(map: string): string {
    return this.net.builder.op('Gather', [map, this.classes.indices], { axis: 1 });
  }

  /** Multiplies the g responses of an image, [B*g, ...size], by what belongs to the image, [B, ...size]. */
  timesImage(response: string, image: string, size: readonly number[]): string {
    const { builder } = this.net;
    if (this.group === 1) return builder.op('Mul', [response, image]);
    const length = size.reduce((a, b) => a * b, 1);
    const product = builder.op('Mul', [
      builder.reshape(response, [-1, this.group, length]),
      builder.reshape(image, [-1, 1, length]),
    ]);
    return builder.reshape(product, [-1, ...size]);
  }

  /** The same by what has the size of a layer's output. */
  timesOutput(response: string, values: string, layer: string): string {
    const [height, width, channels] = this.net.plan.spatialShape(layer);
    return this.timesImage(response, values, [channels, height, width]);
  }

  private rows(matrix: string): string {
    return this.net.builder.op('Gather', [matrix, this.classes.indices], { axis: 0 });
  }
}
