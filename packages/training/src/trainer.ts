import type { LayerGraph } from '@clearmaps/deconvnet';
import type { Random } from '@clearmaps/random';
import { keep, type Tensor, type Tensor4D, tensor, tensor4d, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { crossEntropyGradient, scoreBatch } from './cross-entropy.ts';
import { TrainingError } from './errors.ts';
import { type ParameterMap, readValues } from './graph-weights.ts';
import { checkOptimizer, MOMENTS, type OptimizerOptions, updateWeight } from './optimizers.ts';
import { TrainableNet } from './trainable-net.ts';
import { checkAverageDecay, updateAverage } from './weight-average.ts';

/** Network input as plain data. */
export interface Batch {
  /** [B, H, W, C], preprocessed. */
  readonly images: Float32Array;
  /** [B], 0..N-1. */
  readonly labels: Int32Array;
  /** Where this is a worker's share of a larger batch: the place of its first image there; default 0. */
  readonly first?: number;
}

export interface TrainerOptions {
  /** Default Adam without weight decay. */
  readonly optimizer?: OptimizerOptions;
  /** 0 <= e < 1; default 0. */
  readonly labelSmoothing?: number;
  /** Names of layers whose weights stay as they are, to the bit; default none. */
  readonly freeze?: readonly string[];
  /** Decay of the moving average of the weights that {@link Trainer.outcome} has, 0 <= x < 1; default none. */
  readonly averageWeights?: number;
}

export interface StepResult {
  /** Mean cross-entropy over the batch before the step, with the smoothing that is trained for; nats. */
  readonly loss: number;
  readonly correct: number;
  readonly images: number;
}

/** Everything a trainer learned, as plain data: what a checkpoint holds. */
export interface TrainerState {
  /** Steps taken. */
  readonly step: number;
  /** By `layer/role`. */
  readonly weights: ParameterMap<Float32Array>;
  /** By `layer/role/number`. */
  readonly moments: ParameterMap<Float32Array>;
  /** Of the weights that learn, by `layer/role`; only where they are averaged. */
  readonly averages?: ParameterMap<Float32Array>;
}

/**
 * Fits a LayerGraph to batches, one gradient step at a time, on the active TensorFlow.js backend.
 * `train` drives it over epochs; use it directly for a loop of your own.
 */
export class Trainer {
  /** With the weights that learn. */
  readonly net: TrainableNet;
  /** What is to be measured and kept: with averaged weights where they are averaged, else `net` itself. */
  readonly outcome: TrainableNet;
  private readonly averageWeights: number | undefined;
  private readonly optimizer: OptimizerOptions;
  readonly labelSmoothing: number;
  readonly freeze: readonly string[];
  private readonly moments = new Map<string, Tensor>();
  private steps = 0;

  /** @throws GraphError, UnsupportedLayerError for a graph that cannot be trained; TrainingError for options. */
  constructor(
    graph: LayerGraph,
    { optimizer = { type: 'adam' }, labelSmoothing = 0, freeze = [], averageWeights }: TrainerOptions = {},
  ) {
    checkOptimizer(optimizer);
    if (averageWeights !== undefined) checkAverageDecay(averageWeights);
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new TrainingError({
        asked: 'trainer: labelSmoothing',
        got: String(labelSmoothing),
        allowed: '0 <= x < 1',
      });
    }
    this.net = new TrainableNet(graph, freeze);
    this.outcome = averageWeights === undefined ? this.net : new TrainableNet(graph, freeze);
    this.averageWeights = averageWeights;
    this.optimizer = optimizer;
    this.labelSmoothing = labelSmoothing;
    this.freeze = freeze;
    for (const [key, weight] of this.net.trainable) {
      for (let i = 0; i < MOMENTS[optimizer.type]; i++) {
        this.moments.set(`${key}/${i}`, keep(zerosLike(weight)));
      }
    }
  }

  /** Steps taken so far. */
  get step(): number {
    return this.steps;
  }

  /**
   * One step down the gradient.
   *
   * @param rate the learning rate
   * @param random of dropout; without it nothing is dropped
   * @throws TrainingError when the batch does not fit the net or the loss is not a finite number.
   */
  async fit(batch: Batch, rate: number, random?: Random): Promise<StepResult> {
    const { gradients, result } = this.gradients(batch, random);
    try {
      this.applyGradients(gradients, rate);
    } finally {
      for (const gradient of gradients.values()) gradient.dispose();
    }
    return result;
  }

  /**
   * The gradient of the batch's mean loss with respect to every weight that learns, without taking a step.
   *
   * @returns gradients by `layer/role`, which the caller disposes, and the promise of loss and hits
   * @throws TrainingError when the batch does not fit the net.
   */
  gradients(batch: Batch, random?: Random): { gradients: ParameterMap<Tensor>; result: Promise<StepResult> } {
    checkBatch(this.net, batch);
    const count = batch.labels.length;
    const images = tensor4d(batch.images, [count, ...this.net.graph.inputShape] as Tensor4D['shape']);
    const tape = this.net.forward(images, random, batch.first);
    images.dispose();
    const scores = tape.logits.clone();
    const gradient = crossEntropyGradient(tape.logits, batch.labels, this.labelSmoothing);
    const gradients = this.net.backward(tape, gradient);
    gradient.dispose();
    return { gradients, result: this.readResult(scores, batch.labels) };
  }

  /** One optimiser step with gradients by `layer/role`, in the shapes of the weights; not disposed. */
  applyGradients(gradients: ParameterMap<Tensor>, rate: number): void {
    this.steps++;
    for (const [key, gradient] of gradients) {
      const moments = Array.from({ length: MOMENTS[this.optimizer.type] }, (_, i) => `${key}/${i}`);
      const updated = tidy(() =>
        updateWeight(
          this.optimizer,
          this.net.parameters.get(key)!,
          gradient,
          moments.map((name) => this.moments.get(name)!),
          { rate, step: this.steps },
          key.endsWith('/kernel'),
        ),
      );
      this.net.setParameter(key, updated.weight);
      for (const [i, name] of moments.entries()) {
        this.moments.get(name)!.dispose();
        this.moments.set(name, keep(updated.moments[i]!));
      }
    }
    this.updateAverages();
  }

  /** The present weights as a graph. */
  toGraph(): Promise<LayerGraph> {
    return this.net.toGraph();
  }

  async save(): Promise<TrainerState> {
    return {
      step: this.steps,
      weights: await readValues(this.net.parameters),
      moments: await readValues(this.moments),
      ...(this.averages.size > 0 && { averages: await readValues(this.averages) }),
    };
  }

  /** @throws TrainingError when the state belongs to another graph, another optimiser, or averages its weights otherwise. */
  restore(state: TrainerState): void {
    checkSameKeys('weights', state.weights, this.net.parameters);
    checkSameKeys('optimiser moments', state.moments, this.moments);
    checkSameKeys('averaged weights', state.averages ?? new Map(), this.averages);
    this.steps = state.step;
    setValues(this.net, state.weights);
    if (this.outcome !== this.net) setValues(this.outcome, outcomeWeights(state));
    for (const [key, values] of state.moments) {
      const before = this.moments.get(key)!;
      this.moments.set(key, keep(tensor(values, before.shape)));
      before.dispose();
    }
  }

  dispose(): void {
    this.net.dispose();
    if (this.outcome !== this.net) this.outcome.dispose();
    for (const moment of this.moments.values()) moment.dispose();
    this.moments.clear();
  }

  /** None where weights are not averaged. */
  private get averages(): ParameterMap<Tensor> {
    return this.outcome === this.net ? new Map() : this.outcome.trainable;
  }

  private updateAverages(): void {
    for (const [key, average] of this.averages) {
      const weight = this.net.parameters.get(key)!;
      this.outcome.setParameter(
        key,
        tidy(() => updateAverage(average, weight, this.averageWeights!, this.steps)),
      );
    }
  }

  private async readResult(scores: Tensor, labels: Int32Array): Promise<StepResult> {
    try {
      const { loss, correct } = scoreBatch(await scores.data(), labels, this.labelSmoothing);
      return { loss: loss / labels.length, correct, images: labels.length };
    } finally {
      scores.dispose();
    }
  }
}

/** The weights that are measured and kept, as {@link Trainer.outcome} has them, by `layer/role`. */
export function outcomeWeights({ weights, averages }: TrainerState): ParameterMap<Float32Array> {
  // Frozen weights have no average.
  return averages === undefined ? weights : new Map([...weights, ...averages]);
}

function checkBatch(net: TrainableNet, { images, labels }: Batch): void {
  const size = net.graph.inputShape.reduce((a, b) => a * b, 1);
  if (labels.length === 0 || images.length !== labels.length * size) {
    throw new TrainingError({
      asked: `batch for a net with input [${net.graph.inputShape}]`,
      got: `${images.length} values and ${labels.length} labels`,
      allowed: `${size} values a label, at least one label`,
    });
  }
  const wrong = labels.findIndex((label) => !(label >= 0 && label < net.classes));
  if (wrong >= 0) {
    throw new TrainingError({
      asked: `batch: label ${wrong}`,
      got: String(labels[wrong]),
      allowed: `0..${net.classes - 1}, the classes of the net`,
    });
  }
}

function setValues(net: TrainableNet, values: ParameterMap<Float32Array>): void {
  for (const [key, value] of values) {
    net.setParameter(key, tensor(value, net.parameters.get(key)!.shape));
  }
}

function checkSameKeys(what: string, got: ParameterMap<Float32Array>, expected: ParameterMap<Tensor>): void {
  for (const key of new Set([...got.keys(), ...expected.keys()])) {
    if (got.get(key)?.length === expected.get(key)?.size) continue;
    throw new TrainingError({
      asked: `saved ${what}: "${key}"`,
      got: `${got.get(key)?.length ?? 'no'} values`,
      allowed: `${expected.get(key)?.size ?? 'no'} values, as the net has`,
      remedy: 'Resume with the graph, the optimiser and the averaging that the checkpoint was made with.',
    });
  }
}
