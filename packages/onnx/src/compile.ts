import {
  type Composite,
  checkExplainOptions,
  DEFAULT_REDUCTION,
  DEFAULT_RULE,
  DEFAULT_SEED,
  ExplainError,
  INPUT,
  type LayerGraph,
  planFor,
  type Reduction,
  type Rule,
  type Seed,
} from '@clearmaps/deconvnet/graph';
import { checkOptionNames, type OptionNames } from '@clearmaps/errors';
import { writeForward, writeScores } from './forward.ts';
import { checkForwardType, type ForwardOptions } from './forward-type.ts';
import { GraphBuilder } from './graph-builder.ts';
import { channelsFirst } from './image-layout.ts';
import { Net } from './net.ts';
import type { OnnxPort } from './onnx-proto.ts';
import { sweepGroups } from './sweep-groups.ts';
import { WrittenTrace } from './trace.ts';
import { writeSweep } from './write-sweep.ts';

export interface CompileOptions extends ForwardOptions {
  /** What the layers do on the way back: a rule by name, or one for each layer. Default 'guided'. */
  readonly rule?: Rule | Composite;
  /** What the sweep starts from. Default 'positive'. */
  readonly seed?: Seed;
  /** Class indices, each once, in the order wanted. Default: all. */
  readonly classes?: readonly number[];
  /** How channels become one number a pixel. Default 'sum'. */
  readonly reduction?: Reduction;
  /** Whether the graph also gives `maps`, R(x|c) of each class with its channels reduced. Default false. */
  readonly maps?: boolean;
  /** Whether the graph also gives `responses`, R(x|c) with its channels. Default false. */
  readonly responses?: boolean;
}

const NAMES: OptionNames<CompileOptions> = {
  rule: true,
  seed: true,
  classes: true,
  reduction: true,
  maps: true,
  responses: true,
  forward: true,
};

/** An .onnx file and what goes in and out of it. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/**
 * Compiles a net, a rule and a seed into one ONNX graph that any runtime can run: `image` [batch, H, W, C] in;
 * `logits` and `probabilities` [batch, N], `dominant_class` (int64) and `dominant_response` [batch, H, W] out, and
 * where asked for `maps` [batch, n, H, W] and `responses` [batch, n, H, W, C] of the n asked classes (CLEAR
 * eqs. 3-5). The batch is as large as the image that is fed.
 *
 * @throws GraphError, UnsupportedLayerError where the graph is wrong.
 * @throws ExplainError for an unknown rule, seed, reduction or type of the forward pass, a class out of range or asked twice.
 */
export function compileOnnx(graph: LayerGraph, options: CompileOptions = {}): OnnxModel {
  checkOptionNames('compileOnnx', options, NAMES, ExplainError);
  const { rule = DEFAULT_RULE, seed = DEFAULT_SEED, reduction = DEFAULT_REDUCTION } = options;
  const { forward = 'float32', ...explained } = options;
  checkForwardType(forward);
  const plan = planFor(graph, rule);
  checkExplainOptions(explained, plan);
  const classes = options.classes?.slice() ?? Array.from({ length: plan.classCount }, (_, i) => i);
  const builder = new GraphBuilder();
  const net = new Net(plan, builder);
  const [height, width, channels] = graph.inputShape;
  const preprocessed = graph.preprocessing ? ', preprocessed as metadata "preprocessing" says' : '';
  const image = builder.input(
    'image',
    'float32',
    ['batch', height, width, channels],
    `Images, channels last${preprocessed}.`,
  );
  const forwardNet = new Net(plan, builder, forward);
  const values = writeForward(forwardNet, channelsFirst(net, image));
  const trace = new WrittenTrace(forwardNet, values);
  const swept = sweepGroups(plan, classes).map((group) =>
    writeSweep(
      net,
      trace,
      { indices: builder.ints(group), count: group.length, known: true },
      { rule, seed, at: INPUT, layers: [], reduction, responses: options.responses ?? false },
    ),
  );
  const joined = (parts: readonly string[]) =>
    parts.length === 1 ? parts[0]! : builder.op('Concat', parts, { axis: 1 });
  const maps = joined(swept.map((sweep) => sweep.maps));
  const { logits, probabilities } = writeScores(forwardNet, values);
  const perClass = ['batch', plan.classCount] as const;
  const perPixel = ['batch', height, width] as const;
  const float = (name: string, shape: OnnxPort['shape'], description: string): OnnxPort => ({
    name,
    type: 'float32',
    shape,
    description,
  });
  builder.output(logits, float('logits', perClass, 'Class scores before the softmax.'));
  builder.output(probabilities, float('probabilities', perClass, 'Softmax of the logits.'));
  builder.output(dominantClass(builder, maps, classes), {
    name: 'dominant_class',
    type: 'int64',
    shape: perPixel,
    description: 'CLEAR eq. 4: index of the class with the largest response at each pixel.',
  });
  builder.output(
    builder.op('ReduceMax', [maps], { axes: [1], keepdims: 0 }),
    float('dominant_response', perPixel, 'CLEAR eq. 5: the response of that class, signed and unscaled.'),
  );
  if (options.maps) {
    const shape = ['batch', classes.length, height, width];
    builder.output(maps, float('maps', shape, `R(x|c), the ${reduction} of its channels.`));
  }
  if (options.responses) {
    const responses = builder.op('Transpose', [joined(swept.map((sweep) => sweep.responses!))], {
      perm: [0, 1, 3, 4, 2],
    });
    const shape = ['batch', classes.length, height, width, channels];
    builder.output(responses, float('responses', shape, 'CLEAR eq. 3: R(x|c), channels last.'));
  }
  const ruleName = typeof rule === 'string' ? rule : JSON.stringify(rule);
  const bytes = builder.encode({
    name: graph.name,
    description:
      `CLEAR maps (Kumar, Wong & Taylor 2017) of the net "${graph.name}": rule ${ruleName}, seed ${seed}, ` +
      `channels reduced by ${reduction}.`,
    metadata: {
      class_names: JSON.stringify(graph.classNames ?? classNumbers(plan.classCount)),
      classes: JSON.stringify(classes),
      rule: ruleName,
      seed,
      reduction,
      forward,
      ...(graph.preprocessing && { preprocessing: JSON.stringify(graph.preprocessing) }),
    },
  });
  return { bytes, inputs: builder.inputs, outputs: builder.outputs };
}

/** The first of the classes that reach the maximum, as an index in the model's class list. */
function dominantClass(builder: GraphBuilder, maps: string, classes: readonly number[]): string {
  const row = builder.op('ArgMax', [maps], { axis: 1, keepdims: 0, select_last_index: 0 });
  if (classes.every((c, i) => c === i)) return row;
  return builder.op('Gather', [builder.ints(classes), row], { axis: 0 });
}

function classNumbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}
