import {
  type Conv2dLayer,
  GraphError,
  INPUT,
  type Layer,
  type LayerGraph,
  type PoolLayer,
  type Shape,
  validateGraph,
} from '@clearmaps/deconvnet';
import { KeptTensors, type WindowGeometry, windowGeometry } from '@clearmaps/deconvnet/layers';
import { Random } from '@clearmaps/random';
import { add, keep, type Tensor, type Tensor2D, type Tensor4D, tensor, tidy } from '@tensorflow/tfjs-core';
import { TrainingError } from './errors.ts';
import { graphWithWeights, type ParameterMap, readValues, weightsOf } from './graph-weights.ts';
import { layerStep, type TrainedLayer } from './layer-steps.ts';
import type { StepContext } from './steps/layer-step.ts';

/** What a forward pass leaves for the way back. */
export interface Tape {
  /** [B, N], before the softmax. */
  readonly logits: Tensor2D;
  readonly outputs: Map<string, Tensor>;
  readonly saved: Map<string, Tensor[]>;
  dispose(): void;
}

/**
 * A LayerGraph whose weights are tensors on the active backend: the way forward, the way back by hand (no tfjs
 * autograd: wasm lacks half of its gradient kernels), and the weights to read and set.
 */
export class TrainableNet {
  readonly graph: LayerGraph;
  readonly classes: number;
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly layers: readonly TrainedLayer[];
  private readonly frozen: ReadonlySet<string>;
  /** Layers whose output depends on weights that learn. */
  private readonly learning = new Set<string>();
  private readonly fusedRelus = new Set<string>();
  private readonly fusedConvs = new Set<string>();
  private readonly weights = new Map<string, Tensor>();
  private readonly kept = new KeptTensors();
  private readonly context: StepContext;

  /**
   * @param frozen names of layers whose weights stay as they are; nothing is computed for them on the way back, nor
   *   below the lowest layer that learns
   * @throws GraphError, UnsupportedLayerError as `validateGraph` does; GraphError when the output has more than one
   *   axis, or nothing in the net can learn, or a convolution with groups would; TrainingError when a frozen layer is not there or has no weights.
   */
  constructor(graph: LayerGraph, frozen: readonly string[] = []) {
    this.shapes = validateGraph(graph);
    this.graph = graph;
    this.layers = graph.layers.filter((layer) => layer.type !== 'softmax') as TrainedLayer[];
    const output = graph.layers.at(-1)!;
    const shape = this.shapes.get(output.name)!;
    if (shape.length !== 1) {
      throw new GraphError({
        asked: `layer "${output.name}" (${output.type}), output to train`,
        got: `[${shape}]`,
        allowed: '[classes], as a global pool, a dense or a flatten layer gives',
      });
    }
    this.classes = shape[0]!;
    this.frozen = checkFrozen(this.layers, frozen);
    for (const layer of this.layers) {
      const learns = this.learns(layer) || layer.inputs.some((name) => this.learning.has(name));
      if (learns) this.learning.add(layer.name);
    }
    if (!this.learning.has(this.layers.at(-1)?.name ?? '')) {
      throw new GraphError({
        asked: `graph "${graph.name}": layers`,
        got: `no layer with weights to train${frozen.length > 0 ? ' that is not frozen' : ''}`,
      });
    }
    const grouped = this.layers.find(
      (layer) => layer.type === 'conv2d' && (layer.groups ?? 1) > 1 && this.learns(layer),
    );
    if (grouped !== undefined) {
      throw new GraphError({
        asked: `layer "${grouped.name}" (conv2d), to train`,
        got: 'a convolution with groups',
        allowed: 'convolutions without groups',
        remedy: 'Freeze it.',
      });
    }
    this.findFusedRelus();
    for (const [key, { values, shape }] of weightsOf(graph)) {
      this.weights.set(key, keep(tensor(values, shape as number[])));
    }
    this.context = this.makeContext();
  }

  /** The weights on the backend; owned by the net. */
  get parameters(): ParameterMap<Tensor> {
    return this.weights;
  }

  /** The weights that learn, by `layer/role`, in the order of the layers: all that {@link backward} gives gradients of. */
  get trainable(): ParameterMap<Tensor> {
    const frozen = [...this.frozen].flatMap((name) => [`${name}/kernel`, `${name}/bias`]);
    return new Map([...this.weights].filter(([key]) => !frozen.includes(key)));
  }

  /** Puts a new tensor of the same shape in a weight's place; the net owns it from now on. */
  setParameter(key: string, value: Tensor): void {
    this.weights.get(key)!.dispose();
    this.weights.set(key, keep(value));
  }

  /**
   * @param images [B, H, W, C]; not disposed
   * @param random of dropout; without it nothing is dropped, as in evaluation
   * @param first place of the first image in the step's whole batch
   */
  forward(images: Tensor4D, random?: Random, first = 0): Tape {
    const outputs = new Map<string, Tensor>([[INPUT, keep(images.clone())]]);
    const saved = new Map<string, Tensor[]>();
    for (const [position, layer] of this.layers.entries()) {
      const inputs = layer.inputs.map((name) => outputs.get(name)!);
      const mine: Tensor[] = [];
      const pass = random && {
        randomOf: (image: number) => Random.stream(...random.state, position, first + image),
        save: (tensor: Tensor) => void mine.push(keep(tensor)),
      };
      // A fused convolution has given its ReLU's output already.
      const output = this.fusedRelus.has(layer.name)
        ? inputs[0]!.clone()
        : tidy(() => layerStep(layer).forward(this.context, layer, inputs, pass));
      outputs.set(layer.name, keep(output));
      saved.set(layer.name, mine);
    }
    return {
      logits: outputs.get(this.layers.at(-1)!.name) as Tensor2D,
      outputs,
      saved,
      dispose() {
        for (const tensor of [...outputs.values(), ...[...saved.values()].flat()]) tensor.dispose();
        outputs.clear();
        saved.clear();
      },
    };
  }

  /** Class scores alone, [B, N]; the caller disposes them. Frees each output as soon as no layer needs it. */
  predict(images: Tensor4D): Tensor2D {
    return tidy(() => {
      const outputs = new Map<string, Tensor>([[INPUT, images.clone()]]);
      for (const [position, layer] of this.layers.entries()) {
        const inputs = layer.inputs.map((name) => outputs.get(name)!);
        const output = this.fusedRelus.has(layer.name)
          ? inputs[0]!.clone()
          : tidy(() => layerStep(layer).forward(this.context, layer, inputs));
        outputs.set(layer.name, output);
        for (const name of new Set(layer.inputs)) {
          if (this.layers.slice(position + 1).some((later) => later.inputs.includes(name))) continue;
          outputs.get(name)!.dispose();
        }
      }
      return outputs.get(this.layers.at(-1)!.name) as Tensor2D;
    });
  }

  /**
   * The gradient of the loss with respect to every weight that learns. Uses the tape up.
   *
   * @param gradient of the loss with respect to the logits, [B, N]; not disposed
   * @returns in the shapes of the weights; the caller disposes them
   */
  backward(tape: Tape, gradient: Tensor2D): ParameterMap<Tensor> {
    const { outputs, saved } = tape;
    const arrived = new Map<string, Tensor>([[this.layers.at(-1)!.name, keep(gradient.clone())]]);
    const gradients = new Map<string, Tensor>();
    for (const layer of [...this.layers].reverse()) {
      const response = arrived.get(layer.name);
      if (response === undefined) continue;
      arrived.delete(layer.name);
      const flow = {
        inputs: layer.inputs.map((name) => outputs.get(name)!),
        output: outputs.get(layer.name)!,
        gradient: response,
        saved: saved.get(layer.name)!,
      };
      const found = tidy(() => {
        const { inputs, parameters = {} } = layerStep(layer).backward(this.context, layer, flow);
        return { inputs: [...inputs], parameters };
      });
      response.dispose();
      // Every layer that takes this output comes later, so has been passed.
      flow.output.dispose();
      for (const tensor of flow.saved) tensor.dispose();
      for (const [role, value] of Object.entries(found.parameters)) {
        gradients.set(`${layer.name}/${role}`, keep(value));
      }
      for (const [k, name] of layer.inputs.entries()) {
        const one = found.inputs[k];
        if (one === undefined) continue;
        if (!this.learning.has(name)) {
          one.dispose();
          continue;
        }
        const before = arrived.get(name);
        arrived.set(name, keep(before === undefined ? one : add(before, one)));
        if (before !== undefined) {
          before.dispose();
          one.dispose();
        }
      }
    }
    tape.dispose();
    return gradients;
  }

  /** The graph with the present weights, read back from the backend. */
  async toGraph(): Promise<LayerGraph> {
    return graphWithWeights(this.graph, await readValues(this.weights));
  }

  dispose(): void {
    for (const weight of this.weights.values()) weight.dispose();
    this.kept.dispose();
    this.weights.clear();
  }

  private learns(layer: Layer): boolean {
    return 'kernel' in layer && !this.frozen.has(layer.name);
  }

  private findFusedRelus(): void {
    for (const layer of this.layers) {
      if (layer.type !== 'relu') continue;
      const conv = this.layers.find(({ name }) => name === layer.inputs[0]);
      const users = this.graph.layers.filter(({ inputs }) => inputs.includes(layer.inputs[0]!));
      if (conv?.type !== 'conv2d' || users.length !== 1) continue;
      this.fusedConvs.add(conv.name);
      this.fusedRelus.add(layer.name);
    }
  }

  private makeContext(): StepContext {
    return {
      parameter: (layer, role) => this.weights.get(`${layer.name}/${role}`),
      shape: (name) => this.shapes.get(name)!,
      geometry: (layer) => geometryOf(layer as Conv2dLayer | PoolLayer, this.shapes.get(layer.inputs[0]!)!),
      needsGradient: (name) => this.learning.has(name),
      learns: (layer) => this.learns(layer),
      fusesRelu: (layer) => this.fusedConvs.has(layer.name),
      keep: (key, make) => this.kept.get(key, make),
    };
  }
}

function checkFrozen(layers: readonly TrainedLayer[], frozen: readonly string[]): ReadonlySet<string> {
  const weighted = layers.filter((layer) => 'kernel' in layer).map(({ name }) => name);
  for (const name of frozen) {
    if (weighted.includes(name)) continue;
    throw new TrainingError({
      asked: 'frozen layer',
      got: `"${name}"`,
      allowed: `${weighted.join(', ')}: the layers that have weights`,
    });
  }
  return new Set(frozen);
}

function geometryOf(layer: Conv2dLayer | PoolLayer, input: Shape): WindowGeometry {
  return layer.type === 'conv2d'
    ? windowGeometry(
        input,
        [layer.kernel.shape[0]!, layer.kernel.shape[1]!],
        layer.strides,
        layer.dilations ?? [1, 1],
        layer.padding,
      )
    : windowGeometry(input, layer.poolSize, layer.strides, [1, 1], layer.padding);
}
