import {
  cast,
  concat,
  engine,
  getBackend,
  reshape,
  setBackend,
  softmax,
  Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  tensor4d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import { backproject } from './backproject.ts';
import { classChunks, DEFAULT_MEMORY_BUDGET } from './class-chunks.ts';
import { type Dominant, dominantOf, mergeDominant, reduceChannels } from './dominant.ts';
import { ExplainError } from './errors.ts';
import { type AsyncExplainOptions, checkExplainOptions, type ExplainOptions } from './explain-options.ts';
import type { Explanation, Prediction } from './explanation.ts';
import { type ForwardTrace, runForward } from './forward.ts';
import { checkImages, refuseInput } from './input-images.ts';
import type { LayerGraph } from './layer-graph.ts';
import { PreparedGraph } from './prepared-graph.ts';
import { DEFAULT_REDUCTION } from './reductions.ts';
import { DEFAULT_RULE, RULES } from './rules.ts';
import { DEFAULT_SEED } from './seeds.ts';

/**
 * One image [H, W, C] or a batch [B, H, W, C], preprocessed: values in row-major order, checked for NaN and
 * Infinity, or a tensor of that shape, taken as it is.
 */
export type NetworkInput = Float32Array | Tensor;

/** B images, n asked classes, N classes in the model. All on the backend; the caller disposes. */
export interface ExplanationTensors {
  readonly classes: readonly number[];
  /** [B, N], before the softmax. */
  readonly logits: Tensor2D;
  /** [B, N]. */
  readonly probabilities: Tensor2D;
  /** R(x|c), CLEAR eq. 3: [B, n, H, W, C]. Only where asked for. */
  readonly responses?: Tensor5D;
  /** R(x|c) with its channels reduced: [B, n, H, W]. */
  readonly maps: Tensor4D;
  /** CLEAR eq. 4: index in the model's class list, int32 [B, H, W]. */
  readonly dominantClass: Tensor3D;
  /** CLEAR eq. 5, signed and unscaled: [B, H, W]. */
  readonly dominantResponse: Tensor3D;
  dispose(): void;
}

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

  /** Like {@link predict}, left on the backend: [B, N] each, the caller disposes. */
  predictTensors(input: NetworkInput): { logits: Tensor2D; probabilities: Tensor2D } {
    return this.onBackend(() =>
      tidy(() => {
        const trace = runForward(this.prepared, this.asBatch(input), { switches: false, slopes: false });
        return { logits: trace.logits, probabilities: softmax(trace.logits) };
      }),
    );
  }

  /**
   * z_L, the feature map of the last layer: [B, h, w, N], before global average pooling. The caller disposes it.
   */
  featureMapTensor(input: NetworkInput): Tensor4D {
    return this.onBackend(() =>
      tidy(
        () => runForward(this.prepared, this.asBatch(input), { switches: false, slopes: false }).featureMap,
      ),
    );
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
   * R(x|c) for all asked classes in batched sweeps over one shared forward pass, and the dominant maps
   * (CLEAR eqs. 3-5), as typed arrays.
   *
   * @throws ExplainError for a wrong shape, NaN or Infinity in a typed array, a class out of range or asked
   *   twice, an unknown rule, seed or reduction, a disposed explainer, a backend that has been removed.
   * @throws the signal's reason once it is aborted; nothing stays allocated.
   */
  async explain(input: NetworkInput, options: AsyncExplainOptions = {}): Promise<Explanation> {
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    const run = this.begin(input, options);
    const next = (): number | undefined => this.onBackend(() => run.next());
    let tensors: ExplanationTensors;
    try {
      for (let done = next(); done !== undefined; done = next()) {
        onProgress?.(done, run.classes.length);
        if (signal !== undefined || onProgress !== undefined) {
          // Only a turn of the event loop lets an abort come in, and a page draw its progress.
          await new Promise((resolve) => setTimeout(resolve, 0));
          signal?.throwIfAborted();
        }
      }
      tensors = this.onBackend(() => run.finish());
    } finally {
      run.dispose();
    }
    try {
      const [logits, probabilities, maps, dominantClass, dominantResponse, responses] = await Promise.all([
        tensors.logits.data<'float32'>(),
        tensors.probabilities.data<'float32'>(),
        tensors.maps.data<'float32'>(),
        tensors.dominantClass.data<'int32'>(),
        tensors.dominantResponse.data<'float32'>(),
        tensors.responses?.data<'float32'>(),
      ]);
      const shape = [logits.length / this.classCount, ...this.graph.inputShape] as const;
      return {
        shape,
        classes: tensors.classes,
        logits,
        probabilities,
        // With one channel the cpu backend hands out one array for both.
        maps: maps.buffer === responses?.buffer ? maps.slice() : maps,
        dominantClass,
        dominantResponse,
        ...(responses && { responses }),
      };
    } finally {
      tensors.dispose();
    }
  }

  /** Like {@link explain}, left on the backend and without a pause. */
  explainTensors(input: NetworkInput, options: ExplainOptions = {}): ExplanationTensors {
    return this.onBackend(() => {
      const run = this.begin(input, options);
      try {
        while (run.next() !== undefined);
        return run.finish();
      } finally {
        run.dispose();
      }
    });
  }

  /** Frees every tensor of this explainer; further calls throw. */
  dispose(): void {
    this.prepared.dispose();
    this.disposed = true;
  }

  private begin(input: NetworkInput, options: ExplainOptions): ExplanationRun {
    return this.onBackend(() => {
      checkExplainOptions(options, this.classCount);
      const images = this.asBatch(input);
      try {
        const { masks } = RULES[options.rule ?? DEFAULT_RULE];
        const trace = runForward(this.prepared, images, { switches: true, slopes: masks });
        return new ExplanationRun(this.prepared, trace, options);
      } finally {
        images.dispose();
      }
    });
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

/** One explanation under way: the shared forward trace and what the sweeps so far have given. */
class ExplanationRun {
  readonly classes: readonly number[];
  private readonly chunks: number[][];
  private readonly maps: Tensor[] = [];
  private readonly responses: Tensor[] = [];
  private dominant: Dominant | undefined;
  private swept = 0;

  constructor(
    private readonly prepared: PreparedGraph,
    private readonly trace: ForwardTrace,
    private readonly options: ExplainOptions,
  ) {
    this.classes = options.classes?.slice() ?? Array.from({ length: prepared.classCount }, (_, i) => i);
    this.chunks = classChunks(
      prepared,
      this.classes,
      trace.batch,
      options.memoryBudget ?? DEFAULT_MEMORY_BUDGET,
    );
  }

  /** Sweeps the next classes; gives how many are done, undefined when none were left. */
  next(): number | undefined {
    const classes = this.chunks.shift();
    if (classes === undefined) return undefined;
    const {
      rule = DEFAULT_RULE,
      seed = DEFAULT_SEED,
      reduction = DEFAULT_REDUCTION,
      responses = false,
    } = this.options;
    const [height, width, channels] = this.prepared.graph.inputShape;
    const { batch } = this.trace;
    const swept = tidy(() => {
      const response = backproject(this.prepared, this.trace, { rule, seed, classes });
      const maps = reshape(reduceChannels(response, reduction), [
        classes.length,
        batch * height * width,
      ]) as Tensor2D;
      return {
        maps,
        dominant: dominantOf(maps, classes),
        ...(responses && {
          responses: reshape(response, [classes.length, batch, height * width * channels]),
        }),
      };
    });
    this.maps.push(swept.maps);
    if (swept.responses) this.responses.push(swept.responses);
    this.dominant = this.dominant ? mergeDominant(this.dominant, swept.dominant) : swept.dominant;
    this.swept += classes.length;
    return this.swept;
  }

  finish(): ExplanationTensors {
    const [height, width, channels] = this.prepared.graph.inputShape;
    const { batch, logits } = this.trace;
    const count = this.classes.length;
    const classOutermost = (parts: Tensor[], pixel: readonly number[]): Tensor => {
      const joined = reshape(concat(parts), [count, batch, -1]);
      return reshape(batch === 1 ? joined : transpose(joined, [1, 0, 2]), [batch, count, ...pixel]);
    };
    const tensors = tidy(() => ({
      logits: forAnotherOwner(logits),
      probabilities: softmax(logits),
      maps: classOutermost(this.maps, [height, width]) as Tensor4D,
      dominantClass: reshape(this.dominant!.classes, [batch, height, width]) as Tensor3D,
      dominantResponse: reshape(this.dominant!.responses, [batch, height, width]) as Tensor3D,
      ...(this.options.responses && {
        responses: classOutermost(this.responses, [height, width, channels]) as Tensor5D,
      }),
    }));
    return {
      ...tensors,
      classes: this.classes,
      dispose() {
        for (const tensor of Object.values(tensors)) tensor?.dispose();
      },
    };
  }

  dispose(): void {
    this.trace.dispose();
    for (const tensor of [...this.maps, ...this.responses]) tensor.dispose();
    this.dominant?.classes.dispose();
    this.dominant?.responses.dispose();
  }
}
