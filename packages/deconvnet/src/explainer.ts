import {
  cast,
  engine,
  getBackend,
  reshape,
  setBackend,
  softmax,
  Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor4d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { ChangedWindows, ChangeOptions } from './changed-windows.ts';
import { relevanceShares } from './composite.ts';
import { ExplainError } from './errors.ts';
import { explainInTurns } from './explain-in-turns.ts';
import { type AsyncExplainOptions, checkExplainOptions, type ExplainOptions } from './explain-options.ts';
import type { Explanation, Prediction } from './explanation.ts';
import type { Swept } from './explanation-builder.ts';
import { type ExplanationTensors, explanationTensors, sweepRows } from './explanation-tensors.ts';
import { foldAffine } from './fold-affine.ts';
import { type ForwardTrace, runForward } from './forward.ts';
import { checkImages, refuseInput } from './input-images.ts';
import { INPUT, type LayerGraph } from './layer-graph.ts';
import { rowsAtOnce } from './memory-budget.ts';
import { ownCopy } from './own-copy.ts';
import type { tensorChanges } from './predict-changes.ts';
import { PreparedGraph } from './prepared-graph.ts';
import { DEFAULT_RULE, definitionOf } from './rules.ts';
import { DEFAULT_SEED, type Seed } from './seeds.ts';
import { silentClasses } from './silent-classes.ts';
import { type Steps, withoutPause, withPauses } from './steps.ts';
import { askedRows, type Row } from './sweep-rows.ts';
import { switchPlaces } from './switches.ts';

/**
 * One image [H, W, C] or a batch [B, H, W, C], preprocessed: values in row-major order, checked for NaN and
 * Infinity, or a tensor of that shape, taken as it is.
 */
export type NetworkInput = Float32Array | Tensor;

/**
 * Prepares a net for explaining on the active TensorFlow.js backend: its weights are uploaded, and flipped for
 * the way back, once.
 *
 * @throws GraphError, UnsupportedLayerError where the graph is wrong; MissingKernelError where the backend is
 *   too lean.
 */
export function createExplainer(graph: LayerGraph): Explainer {
  return new Explainer(graph);
}

/** Made by {@link createExplainer}; lives until disposed. */
export class Explainer {
  readonly graph: LayerGraph;
  /** Number of classes N. */
  readonly classCount: number;
  private readonly prepared: PreparedGraph;
  /** For relevance, where the graph has affine layers. */
  private folded: PreparedGraph | undefined;
  /** Once asked for. */
  private changes: Promise<ReturnType<typeof tensorChanges>> | undefined;
  private readonly backend: string;
  private disposed = false;

  constructor(graph: LayerGraph) {
    this.prepared = new PreparedGraph(graph);
    this.graph = graph;
    this.classCount = this.prepared.classCount;
    this.backend = getBackend();
  }

  /**
   * Class scores of one image or a batch.
   *
   * @throws ExplainError where the input's shape or values do not fit; see {@link explain}.
   */
  async predict(input: NetworkInput): Promise<Prediction> {
    const { logits, probabilities } = this.predictTensors(input);
    try {
      const values = await Promise.all([logits.data<'float32'>(), probabilities.data<'float32'>()]);
      return { logits: values[0], probabilities: values[1] };
    } finally {
      logits.dispose();
      probabilities.dispose();
    }
  }

  /**
   * Class scores of an image with some values changed, [n, N] for n changes of a window, as {@link predict} gives them
   * for the changed images. On the processor (backends cpu and wasm) only what a window can reach is computed, on
   * nets that {@link ChangePlan} takes and where that is less than half of the work.
   *
   * @param image [H, W, C]
   * @throws ExplainError where image or windows do not fit.
   */
  async predictChanges(
    image: Float32Array,
    windows: ChangedWindows,
    options: ChangeOptions = {},
  ): Promise<Prediction> {
    // The caller may reuse the arrays meanwhile.
    const asked = [image.slice(), ownCopy(windows)] as const;
    this.changes ??= import('./predict-changes.ts').then(({ tensorChanges }) =>
      tensorChanges(this.prepared, {
        predict: (images) => this.predict(images),
        onBackend: (run) => this.onBackend(run),
      }),
    );
    // What could not be loaded may be there the next time.
    this.changes.catch(() => {
      this.changes = undefined;
    });
    return (await this.changes).predict(...asked, options);
  }

  /** Like {@link predict}, left on the backend: [B, N] each, the caller disposes. */
  predictTensors(input: NetworkInput): { logits: Tensor2D; probabilities: Tensor2D } {
    return this.onBackend(() =>
      tidy(() => {
        const trace = this.runForward(this.asBatch(input));
        return { logits: trace.logits, probabilities: softmax(trace.logits) };
      }),
    );
  }

  /**
   * z_L, the feature map of the last layer: [B, h, w, N], before global average pooling. The caller disposes it.
   */
  featureMapTensor(input: NetworkInput): Tensor4D {
    return this.onBackend(() => tidy(() => this.runForward(this.asBatch(input)).featureMap));
  }

  /** z_L as values, [B, h, w, N], row-major; otherwise as {@link featureMapTensor}. */
  async featureMap(input: NetworkInput): Promise<Float32Array> {
    const map = this.featureMapTensor(input);
    try {
      return await map.data<'float32'>();
    } finally {
      map.dispose();
    }
  }

  /**
   * R(x|c) for all asked classes or groups in batched sweeps over one shared forward pass, and the dominant maps
   * (CLEAR eqs. 3-5), as typed arrays. In turns, a class whose seed is zero everywhere costs nothing.
   *
   * @throws ExplainError for a wrong shape, NaN or Infinity in a typed array, a class out of range or asked
   *   twice, an unknown rule, seed or reduction, a disposed explainer, a backend that has been removed.
   * @throws the signal's reason once it is aborted; nothing stays allocated.
   */
  async explain(input: NetworkInput, options: AsyncExplainOptions = {}): Promise<Explanation> {
    options.signal?.throwIfAborted();
    const prepared = this.preparedFor(options);
    const trace = await this.withPauses(this.trace(prepared, input, options), options);
    const { batch: images, logits } = trace;
    try {
      const asked = askedRows(options, this.classCount);
      const { length } = asked.rows;
      const atOnce = rowsAtOnce(prepared, images, length, trace.bytes, options);
      const inTurns = options.others || length > atOnce;
      return await explainInTurns(
        prepared,
        asked,
        {
          images,
          atOnce,
          silent: inTurns ? await this.silentClasses(trace, options.seed) : new Set(),
          sweep: (rows) => this.sweep(prepared, trace, rows, options),
          scores: async () => {
            const probabilities = this.onBackend(() => softmax(logits));
            try {
              const values = [logits.data<'float32'>(), probabilities.data<'float32'>()];
              const [scores, shares] = await Promise.all(values);
              return { logits: scores!.slice(), probabilities: shares! };
            } finally {
              probabilities.dispose();
            }
          },
          switches: () => this.switches(prepared, trace, options),
        },
        options,
      );
    } finally {
      trace.dispose();
    }
  }

  /** Like {@link explain}, left on the backend and without a pause. */
  explainTensors(input: NetworkInput, options: ExplainOptions = {}): ExplanationTensors {
    return this.onBackend(() => {
      const prepared = this.preparedFor(options);
      const trace = withoutPause(this.trace(prepared, input, options));
      try {
        return explanationTensors(prepared, trace, options);
      } finally {
        trace.dispose();
      }
    });
  }

  /** Frees every tensor of this explainer; further calls throw. */
  dispose(): void {
    this.prepared.dispose();
    this.folded?.dispose();
    void this.changes?.then((changes) => changes.forget()).catch(() => {});
    this.disposed = true;
  }

  /** Relevance goes unchanged through what is left of affine layers once those that can be are folded. */
  private preparedFor({ rule = DEFAULT_RULE }: ExplainOptions): PreparedGraph {
    const folds = definitionOf(rule).composite && this.graph.layers.some(({ type }) => type === 'affine');
    if (!folds) return this.prepared;
    this.folded ??= this.onBackend(() => new PreparedGraph(foldAffine(this.graph)));
    return this.folded;
  }

  private *trace(
    prepared: PreparedGraph,
    input: NetworkInput,
    options: AsyncExplainOptions,
  ): Steps<ForwardTrace> {
    checkExplainOptions(options, prepared);
    const images = this.asBatch(input);
    try {
      const { masks, composite, timesValues } = definitionOf(options.rule ?? DEFAULT_RULE);
      return yield* runForward(prepared, images, {
        switches: true,
        slopes: masks,
        shares: composite && relevanceShares(prepared, composite),
        keep: timesValues ? [options.at ?? INPUT, ...(options.layers ?? [])] : [],
      });
    } finally {
      images.dispose();
    }
  }

  /** For a prediction alone. */
  private runForward(images: Tensor4D): ForwardTrace {
    return withoutPause(runForward(this.prepared, images, { switches: false, slopes: false }));
  }

  private withPauses<T>(steps: Steps<T>, { signal }: AsyncExplainOptions): Promise<T> {
    return withPauses(steps, (step) => this.onBackend(step), signal);
  }

  private async silentClasses(
    { featureMap, batch }: ForwardTrace,
    seed: Seed = DEFAULT_SEED,
  ): Promise<ReadonlySet<number>> {
    const data = await featureMap.data<'float32'>();
    return silentClasses({ data, images: batch, classes: this.classCount, channelsFirst: false }, seed);
  }

  /** Of those of the layers asked for that are max pools, by name: [B, h, w, c]. */
  private async switches(
    prepared: PreparedGraph,
    trace: ForwardTrace,
    { layers = [] }: AsyncExplainOptions,
  ): Promise<ReadonlyMap<string, Int32Array>> {
    const pools = layers.filter((name) => trace.switches.has(name));
    const places = this.onBackend(() =>
      pools.map((name) => switchPlaces(prepared.poolPhases(name), trace.switches.get(name)!)),
    );
    try {
      const values = await Promise.all(places.map((tensor) => tensor.data<'float32'>()));
      return new Map(pools.map((name, i) => [name, Int32Array.from(values[i]!)]));
    } finally {
      for (const tensor of places) tensor.dispose();
    }
  }

  private async sweep(
    prepared: PreparedGraph,
    trace: ForwardTrace,
    rows: readonly Row[],
    options: AsyncExplainOptions,
  ): Promise<Swept> {
    const tensors = await this.withPauses(this.sweepTensors(prepared, trace, rows, options), options);
    try {
      const values = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
      // Tensors that differ in shape alone, as with one channel, may be one array on the cpu backend.
      const own = values.map((array, i) =>
        values.findIndex(({ buffer }) => buffer === array.buffer) < i ? array.slice() : array,
      );
      const [maps, ...rest] = own as [Float32Array, ...Float32Array[]];
      return options.responses
        ? { maps, responses: rest[0]!, layers: rest.slice(1) }
        : { maps, layers: rest };
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }

  /** Maps, responses where they are wanted, and those at the layers asked for, image outermost. */
  private *sweepTensors(
    prepared: PreparedGraph,
    trace: ForwardTrace,
    rows: readonly Row[],
    options: AsyncExplainOptions,
  ): Steps<Tensor[]> {
    const { maps, response, layers } = yield* sweepRows(prepared, trace, rows, options);
    const imageOutermost = (swept: Tensor, size: number): Tensor => {
      const apart = reshape(swept, [rows.length, trace.batch, size]);
      return trace.batch === 1 ? apart : transpose(apart, [1, 0, 2]);
    };
    const [height, width, channels] = prepared.spatialShape(options.at ?? INPUT);
    try {
      return tidy(() => [
        imageOutermost(maps, height * width),
        ...(options.responses ? [imageOutermost(response, height * width * channels)] : []),
        ...layers.map((layer) => imageOutermost(layer, layer.size / layer.shape[0])),
      ]);
    } finally {
      for (const tensor of [maps, response, ...layers]) tensor.dispose();
    }
  }

  /**
   * TensorFlow.js has one active backend a page. Whatever the page has chosen since, the ops of this explainer run
   * where its weights are, and the page's choice is back before anything else runs.
   */
  private onBackend<T>(run: () => T): T {
    const wrong = (got: string): ExplainError =>
      new ExplainError({ asked: `explainer of "${this.graph.name}"`, got });
    if (this.disposed) throw wrong('a call after dispose()');
    if (!Object.hasOwn(engine().registry, this.backend)) {
      throw wrong(`no backend "${this.backend}" any more: its weights went with it`);
    }
    const chosen = getBackend();
    if (chosen === this.backend) return run();
    // A backend that has started once is active as soon as this returns.
    void setBackend(this.backend);
    try {
      return run();
    } finally {
      void setBackend(chosen);
    }
  }

  /** A new [B, H, W, C] tensor. */
  private asBatch(input: NetworkInput): Tensor4D {
    const { inputShape } = this.graph;
    const kinds = 'a Float32Array or a tensor';
    if (input instanceof Tensor) {
      const shape = input.rank === 3 ? [1, ...input.shape] : input.shape;
      if (shape.length !== 4 || String(shape.slice(1)) !== String(inputShape) || input.size === 0) {
        refuseInput(this.graph, `a tensor [${input.shape}]`, kinds);
      }
      if (input.dtype === 'string' || input.dtype === 'complex64') {
        refuseInput(this.graph, `a tensor of ${input.dtype}`, kinds);
      }
      // tf.browser.fromPixels gives int32.
      return tidy(() => cast(reshape(input, shape as [number, number, number, number]), 'float32'));
    }
    return tensor4d(input, [checkImages(this.graph, input, kinds), ...inputShape]);
  }
}
