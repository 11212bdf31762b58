import type {
  AsyncExplainOptions,
  ChangedWindows,
  ChangeOptions,
  Explanation,
  LayerGraph,
  NetworkInput,
  Prediction,
} from '@clearmaps/deconvnet';
import type { ActiveBackend } from './backend.ts';
import type { CapturedPicture } from './capture-picture.ts';

/** Tensors and pictures come only to engines that say that they take them. */
export type EngineInput = NetworkInput | CapturedPicture;

/** A model ready to explain, on whatever computes: what every {@link Backend} opens. */
export interface Engine {
  readonly graph: LayerGraph;
  /** Number of classes N. */
  readonly classCount: number;
  /** Whether tensors of @tensorflow/tfjs-core are taken as input; typed arrays always are. */
  readonly takesTensors: boolean;
  /** Whether pictures are taken as input, too, and scaled and cut where the engine runs; else the caller's thread has to. */
  readonly takesPictures?: boolean;
  /** See `Explainer.explain` of @clearmaps/deconvnet: shapes, options and errors are the same. */
  explain(input: EngineInput, options?: AsyncExplainOptions): Promise<Explanation>;
  /** Class scores, [B, N]. */
  predict(input: EngineInput): Promise<Prediction>;
  /** Class scores of one image [H, W, C] with some values changed, [n, N]: see `Explainer.predictChanges`. */
  predictChanges(image: Float32Array, windows: ChangedWindows, options?: ChangeOptions): Promise<Prediction>;
  /** Calls that it works on side by side; default 1. May grow while it starts more threads. */
  readonly callsAtOnce?: number;
  /** z_L, the feature map of the last layer, [B, h, w, N]. */
  featureMap(input: EngineInput): Promise<Float32Array>;
  /** Settles with the reason when the device behind it is gone for good; absent where that cannot happen. */
  readonly lost?: Promise<string>;
  /**
   * The TensorFlow.js backend that the page had chosen before and goes on using: two share the device then. List
   * `active()` of clearmaps/active first to use that one.
   */
  readonly beside?: string;
  /** Of an engine that has a list of backends of its own, in another thread: which one of it runs there. */
  readonly delegate?: ActiveBackend;
  dispose(): void | Promise<void>;
}
