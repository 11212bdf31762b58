import { availableParallelism } from 'node:os';
import {
  type ChangeBases,
  type ChangeBatch,
  ChangePlan,
  ChangeScorer,
  changeBases,
  ownCopy,
} from '@clearmaps/deconvnet/changes';
import {
  type AskedRows,
  type AsyncExplainOptions,
  areSingle,
  askedRows,
  type ChangedWindows,
  type ChangeOptions,
  type Composite,
  checkExplainOptions,
  checkImages,
  classesWithin,
  DEFAULT_MEMORY_BUDGET,
  DEFAULT_REDUCTION,
  DEFAULT_RULE,
  DEFAULT_SEED,
  definitionOf,
  ExplainError,
  type Explanation,
  explainInTurns,
  GraphPlan,
  INPUT,
  type LayerGraph,
  type Prediction,
  planFor,
  type Row,
  type Rule,
  rowsAtOnce,
  type Swept,
  silentClasses,
} from '@clearmaps/deconvnet/graph';
import { checkOptionNames } from '@clearmaps/errors';
import { changeInputs, compileBases, compileChanges } from './change-graphs.ts';
import { doubleBytes } from './double-bytes.ts';
import {
  compileExplanation,
  compileForward,
  compilePrediction,
  compileSweep,
  layerOutput,
  type RowKind,
  type SweepGraph,
  switchesOutput,
} from './engine-graphs.ts';
import { checkForwardType, FORWARD_CHOICES, type ForwardChoice, type ForwardType } from './forward-type.ts';
import { loadRuntime, type Runtime, type Session, type Values } from './runtime.ts';
import { SessionCache } from './session-cache.ts';
import { GROUP_BUDGET } from './sweep-groups.ts';
import { FEATURE_MAP } from './trace.ts';
import type { SweepOutputs } from './write-sweep.ts';

/** A session that sweeps, and the names of what it takes of the forward pass. */
interface OpenSweep {
  readonly session: Session;
  readonly takes: readonly string[];
}

export interface NativeExplainerOptions {
  /** Threads of a forward pass or sweep. Default: one a core. */
  readonly threads?: number;
  /**
   * What forward passes compute in, as in {@link ForwardOptions}; 'auto' explains in float64 where that takes no more
   * than a third of `memoryBudget` for one image (for all nets of the paper but Table 4), and scores by
   * `predict` and `featureMap` in float32. Default 'float32', the fastest.
   */
  readonly forward?: ForwardChoice;
}

/** Of the memory budget, what 'auto' spends on float64: so much that SqueezeNet has it, and the classes most of it. */
const FLOAT64_SHARE = 1 / 3;

/** @param asked the function that was given them @throws ExplainError naming an option that there is not */
export function checkNativeOptions(asked: string, options: NativeExplainerOptions): void {
  checkOptionNames(asked, options, { threads: true, forward: true }, ExplainError);
}

/** Sessions kept: a prediction, a forward pass and a sweep, or two pairs of these, the two graphs of changes, and room to change one's mind. */
const MOST_SESSIONS = 8;

/**
 * Prepares a net for explaining on onnxruntime-node. It answers what `createExplainer` of @clearmaps/deconvnet
 * answers, from typed arrays to typed arrays, several times faster.
 *
 * @throws GraphError, UnsupportedLayerError where the graph is wrong; MissingRuntimeError where onnxruntime-node
 *   is not installed; ExplainError for a number of threads that is none, a type of the forward pass that is none.
 */
export async function createNativeExplainer(
  graph: LayerGraph,
  options: NativeExplainerOptions = {},
): Promise<NativeExplainer> {
  checkNativeOptions('createNativeExplainer', options);
  const { threads = availableParallelism(), forward = 'float32' } = options;
  const plan = new GraphPlan(graph);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ExplainError({ asked: 'threads', got: String(threads), allowed: 'whole numbers from 1' });
  }
  checkForwardType(forward, FORWARD_CHOICES);
  return new NativeExplainer(plan, await loadRuntime(threads), forward);
}

/** Made by {@link createNativeExplainer}; lives until disposed. Graphs are compiled when they are first needed. */
export class NativeExplainer {
  readonly graph: LayerGraph;
  /** Number of classes N. */
  readonly classCount: number;
  private readonly sessions = new SessionCache(MOST_SESSIONS);
  /** What each sweep takes of the forward pass, by its session's key. */
  private readonly wanted = new Map<string, SweepGraph['trace']>();
  /** The plan of rules that propagate relevance. */
  private folded: GraphPlan | undefined;
  private readonly changes: ChangeScorer<ChangeBases>;
  private disposed = false;

  constructor(
    private readonly plan: GraphPlan,
    private readonly runtime: Runtime,
    private readonly forward: ForwardChoice = 'float32',
  ) {
    this.graph = plan.graph;
    this.classCount = plan.classCount;
    this.changes = new ChangeScorer(this.graph, this.classCount, {
      plan: () => ChangePlan.of(plan),
      full: (images) => this.predict(images),
      base: (changes, image) => this.changeBases(changes, image),
      changed: (changes, base, batch) => this.predictBatch(changes, base, batch),
    });
  }

  /**
   * Class scores of one image or a batch.
   *
   * @throws ExplainError where the input's length or values do not fit; see {@link explain}.
   */
  async predict(input: Float32Array): Promise<Prediction> {
    return this.scoresOf(await this.runPrediction(input));
  }

  /**
   * Class scores of an image with some values changed, [n, N] for n changes of a window, as {@link predict} gives them
   * for the changed images. Only what a window can reach is computed, on nets that {@link ChangePlan} takes and where
   * that is less than half of the work. That is computed in float32, whatever the forward pass computes in: a score is
   * no decision.
   *
   * @param image [H, W, C]
   * @throws ExplainError where image or windows do not fit.
   */
  async predictChanges(
    image: Float32Array,
    windows: ChangedWindows,
    options: ChangeOptions = {},
  ): Promise<Prediction> {
    this.checkAlive();
    return this.changes.predict(image.slice(), ownCopy(windows), options);
  }

  /** z_L, the feature map of the last layer: [B, h, w, N], before global average pooling. */
  async featureMap(input: Float32Array): Promise<Float32Array> {
    return floats(await this.runPrediction(input), 'feature_map');
  }

  /**
   * R(x|c) for all asked classes in batched sweeps over one shared forward pass, and the dominant maps
   * (CLEAR eqs. 3-5).
   *
   * @throws ExplainError for a wrong length, NaN or Infinity in the input, a class out of range or asked twice, an
   *   unknown rule, seed or reduction, a disposed explainer.
   * @throws the signal's reason once it is aborted.
   */
  async explain(input: Float32Array, options: AsyncExplainOptions = {}): Promise<Explanation> {
    options.signal?.throwIfAborted();
    this.checkAlive();
    const { rule = DEFAULT_RULE, at = INPUT, layers = [] } = options;
    const plan = this.planFor(rule);
    checkExplainOptions(options, plan);
    const image = this.images(input);
    const images = image.shape[0]!;
    const asked = askedRows(options, this.classCount);
    const outputs: SweepOutputs = {
      rule,
      seed: options.seed ?? DEFAULT_SEED,
      at,
      layers: [...layers],
      reduction: options.reduction ?? DEFAULT_REDUCTION,
      responses: options.responses ?? false,
    };
    const type = this.typeFor(plan, options);
    const moreBytes = type === 'float64' ? doubleBytes(plan, images, options) : 0;
    // Of the trace no more is known before it is there than that it is no match for the responses of one sweep.
    const atOnce = Math.min(
      rowsAtOnce(plan, images, asked.rows.length, moreBytes, options),
      classesWithin(plan, images, GROUP_BUDGET * images),
    );
    const { length } = asked.rows;
    const explanation = await (length <= atOnce && areSingle(asked.rows) && !options.others
      ? this.explainAtOnce(plan, type, image, asked, outputs, options)
      : this.explainBySweeps(plan, type, image, asked, Math.min(atOnce, this.classCount), outputs, options));
    return type === 'float64' ? { ...explanation, forward: type } : explanation;
  }

  /** Frees every session of this explainer once the calls under way are done; further calls throw. */
  async dispose(): Promise<void> {
    this.disposed = true;
    this.changes.forget();
    await this.sessions.close();
  }

  private async runPrediction(input: Float32Array): Promise<ReadonlyMap<string, Values>> {
    this.checkAlive();
    const image = this.images(input);
    return this.sessions.use(
      'prediction',
      () =>
        this.runtime.open(compilePrediction(this.plan, this.forward === 'auto' ? 'float32' : this.forward)),
      (session) => session.run({ image }),
    );
  }

  private async predictBatch(
    changes: ChangePlan,
    base: ChangeBases,
    batch: ChangeBatch,
  ): Promise<Prediction> {
    this.checkAlive();
    const inputs = changeInputs({ plan: this.plan, ...base }, batch);
    return this.sessions.use(
      'changes',
      () => this.runtime.open(compileChanges(this.plan, changes), { manySizes: true }),
      async (session) => this.scoresOf(await session.run(inputs)),
    );
  }

  private changeBases(changes: ChangePlan, image: Float32Array): Promise<ChangeBases> {
    this.checkAlive();
    return this.sessions.use(
      'bases',
      () => this.runtime.open(compileBases(this.plan, changes)),
      async (session) => {
        const maps = await session.run({ image: { shape: [1, ...this.graph.inputShape], data: image } });
        const values = [...maps].map(([name, { data }]) => [name, data as Float32Array] as const);
        return changeBases(changes, new Map(values));
      },
    );
  }

  private async explainAtOnce(
    plan: GraphPlan,
    type: ForwardType,
    image: Values,
    asked: AskedRows,
    outputs: SweepOutputs,
    options: AsyncExplainOptions,
  ): Promise<Explanation> {
    const count = asked.rows.length;
    const open = (): Promise<Session> => this.runtime.open(compileExplanation(plan, type, count, outputs));
    return this.sessions.use(`explanation ${type} ${count} ${JSON.stringify(outputs)}`, open, (session) => {
      let explained: ReadonlyMap<string, Values>;
      const sweep = async (rows: readonly Row[]): Promise<Swept> => {
        const classes = rowsInput(rows, count, 'classes', this.classCount);
        explained = await session.run({ image, classes });
        return sweptOf(explained, outputs.layers);
      };
      const images = image.shape[0]!;
      const sweeps = {
        images,
        silent: new Set<number>(),
        atOnce: count,
        sweep,
        scores: async () => this.scoresOf(explained),
        switches: async () => switchesOf(explained, outputs.layers),
      };
      return explainInTurns(plan, asked, sweeps, options);
    });
  }

  private async explainBySweeps(
    plan: GraphPlan,
    type: ForwardType,
    image: Values,
    asked: AskedRows,
    count: number,
    outputs: SweepOutputs,
    options: AsyncExplainOptions,
  ): Promise<Explanation> {
    const images = image.shape[0]!;
    const single = areSingle(asked.rows);
    const kinds: RowKind[] = [
      ...(single ? [] : ['groups' as const]),
      ...(single || options.others ? ['classes' as const] : []),
    ];
    return this.withSweeps(plan, kinds, count, outputs, async (sessions, wanted) => {
      const trace = await this.sessions.use(
        `forward ${type} ${JSON.stringify([[...wanted.keys()], outputs.layers])}`,
        () => this.runtime.open(compileForward(plan, type, wanted, outputs.layers)),
        (forward) => forward.run({ image }),
      );
      const sweep = async (rows: readonly Row[]): Promise<Swept> => {
        this.checkAlive();
        const kind = areSingle(rows) && sessions.has('classes') ? 'classes' : 'groups';
        const { session, takes } = sessions.get(kind)!;
        const traced = Object.fromEntries(takes.map((name) => [name, trace.get(name)!]));
        return sweptOf(
          await session.run({ ...traced, [kind]: rowsInput(rows, count, kind, this.classCount) }),
          outputs.layers,
        );
      };
      const data = trace.get(FEATURE_MAP)!.data as Float32Array;
      const featureMap = { data, images, classes: this.classCount, channelsFirst: true };
      const sweeps = {
        images,
        silent: silentClasses(featureMap, outputs.seed),
        atOnce: count,
        sweep,
        scores: async () => this.scoresOf(trace),
        switches: async () => switchesOf(trace, outputs.layers),
      };
      return explainInTurns(plan, asked, sweeps, options);
    });
  }

  /** Runs `use` on a sweep of each kind, and on all that these take of the forward pass. */
  private async withSweeps<T>(
    plan: GraphPlan,
    [kind, ...others]: readonly RowKind[],
    count: number,
    outputs: SweepOutputs,
    use: (sweeps: ReadonlyMap<RowKind, OpenSweep>, wanted: SweepGraph['trace']) => Promise<T>,
  ): Promise<T> {
    if (kind === undefined) return use(new Map(), new Map());
    const key = `sweep ${kind} ${count} ${JSON.stringify(outputs)}`;
    const open = (): Promise<Session> => {
      const { bytes, trace } = compileSweep(plan, count, outputs, kind);
      this.wanted.set(key, trace);
      return this.runtime.open(bytes);
    };
    return this.sessions.use(key, open, (session) =>
      this.withSweeps(plan, others, count, outputs, (sweeps, wanted) => {
        const own = this.wanted.get(key)!;
        const opened = { session, takes: [...own.keys()] };
        return use(new Map([[kind, opened], ...sweeps]), new Map([...own, ...wanted]));
      }),
    );
  }

  private scoresOf(outputs: ReadonlyMap<string, Values>): Prediction {
    this.checkAlive();
    return { logits: floats(outputs, 'logits'), probabilities: floats(outputs, 'probabilities') };
  }

  /** By the cost of one image, so that an image in a batch gets what it gets by itself. */
  private typeFor(plan: GraphPlan, options: AsyncExplainOptions): ForwardType {
    if (this.forward !== 'auto') return this.forward;
    const { memoryBudget = DEFAULT_MEMORY_BUDGET } = options;
    return doubleBytes(plan, 1, options) <= memoryBudget * FLOAT64_SHARE ? 'float64' : 'float32';
  }

  private planFor(rule: Rule | Composite): GraphPlan {
    if (definitionOf(rule).composite === undefined) return this.plan;
    this.folded ??= planFor(this.graph, rule);
    return this.folded;
  }

  /** A copy: the caller may reuse the array while graphs are compiled. */
  private images(input: Float32Array): Values {
    return { shape: [checkImages(this.graph, input), ...this.graph.inputShape], data: input.slice() };
  }

  private checkAlive(): void {
    if (this.disposed) {
      throw new ExplainError({ asked: `explainer of "${this.graph.name}"`, got: 'a call after dispose()' });
    }
  }
}

function floats(values: ReadonlyMap<string, Values>, name: string): Float32Array {
  return values.get(name)!.data as Float32Array;
}

function sweptOf(outputs: ReadonlyMap<string, Values>, layers: readonly string[]): Swept {
  const responses = outputs.get('responses')?.data as Float32Array | undefined;
  return {
    maps: floats(outputs, 'maps'),
    ...(responses && { responses }),
    layers: layers.map((_, k) => floats(outputs, layerOutput(k))),
  };
}

/** Of the layers that are max pools, by name. */
function switchesOf(
  outputs: ReadonlyMap<string, Values>,
  layers: readonly string[],
): ReadonlyMap<string, Int32Array> {
  const pools = [...layers.entries()].filter(([k]) => outputs.has(switchesOutput(k)));
  return new Map(pools.map(([k, name]) => [name, Int32Array.from(floats(outputs, switchesOutput(k)))]));
}

/** The rows of a sweep; where there are fewer than it takes, the last one again. */
function rowsInput(rows: readonly Row[], count: number, kind: RowKind, classCount: number): Values {
  const padded = Array.from({ length: count }, (_, i) => rows[Math.min(i, rows.length - 1)]!);
  if (kind === 'classes') {
    return { shape: [count], data: BigInt64Array.from(padded, ([c]) => BigInt(c!)) };
  }
  const data = new Float32Array(count * classCount);
  for (const [i, group] of padded.entries()) for (const c of group) data[i * classCount + c] = 1;
  return { shape: [count, classCount], data };
}
