import {
  concat,
  reshape,
  softmax,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import { backproject } from './backproject.ts';
import { evenChunks } from './class-chunks.ts';
import { type Dominant, dominantOf, mergeDominant, reduceChannels } from './dominant.ts';
import type { AsyncExplainOptions, ExplainOptions } from './explain-options.ts';
import type { ForwardTrace } from './forward.ts';
import { INPUT } from './layer-graph.ts';
import { rowsAtOnce } from './memory-budget.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import { DEFAULT_REDUCTION } from './reductions.ts';
import { DEFAULT_RULE, definitionOf } from './rules.ts';
import { DEFAULT_SEED } from './seeds.ts';
import { type Steps, withoutPause } from './steps.ts';
import { askedRows, type Row } from './sweep-rows.ts';

/** As in `Explanation`: B images, n asked classes, N classes in the model. On the backend; the caller disposes. */
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
  /** CLEAR eq. 4: one of `classes`, int32 [B, H, W]. */
  readonly dominantClass: Tensor3D;
  /** CLEAR eq. 5, signed and unscaled: [B, H, W]. */
  readonly dominantResponse: Tensor3D;
  dispose(): void;
}

/**
 * R(x|c) of some rows: as `response`, [n*B, H, W, C], with its channels reduced, [n, B*H*W], and on its way at each
 * of the layers asked for, [n*B, h, w, c]. The caller disposes them.
 */
export function* sweepRows(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  rows: readonly Row[],
  options: AsyncExplainOptions,
): Steps<{ maps: Tensor2D; response: Tensor4D; layers: Tensor4D[] }> {
  const { seed = DEFAULT_SEED, reduction = DEFAULT_REDUCTION, at = INPUT, layers: wanted = [] } = options;
  const rule = definitionOf(options.rule ?? DEFAULT_RULE);
  const stops = new Set([at, ...wanted]);
  const { response, layers } = yield* backproject(prepared, trace, { rule, seed, rows, at, stops }, wanted);
  const maps = tidy((): Tensor2D => reshape(reduceChannels(response, reduction), [rows.length, -1]));
  return { maps, response, layers };
}

/** Sweeps over a trace, which stays the caller's, put together on the backend. */
export function explanationTensors(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  options: ExplainOptions,
): ExplanationTensors {
  const [height, width, channels] = prepared.spatialShape(options.at ?? INPUT);
  const { batch, logits } = trace;
  const { rows, names } = askedRows(options, prepared.classCount);
  const maps: Tensor[] = [];
  const responses: Tensor[] = [];
  let dominant: Dominant | undefined;
  const classOutermost = (parts: Tensor[], pixel: readonly number[]): Tensor => {
    const joined = reshape(concat(parts), [rows.length, batch, -1]);
    return reshape(batch === 1 ? joined : transpose(joined, [1, 0, 2]), [batch, rows.length, ...pixel]);
  };
  try {
    const atOnce = rowsAtOnce(prepared, batch, rows.length, trace.bytes, options);
    for (const chunk of evenChunks([...rows.keys()], atOnce)) {
      const swept = tidy(() => {
        const asked = chunk.map((i) => rows[i]!);
        const { maps: part, response } = withoutPause(sweepRows(prepared, trace, asked, options));
        return {
          maps: part,
          dominant: dominantOf(
            part,
            chunk.map((i) => names[i]!),
          ),
          ...(options.responses && { responses: reshape(response, [chunk.length, batch, -1]) }),
        };
      });
      maps.push(swept.maps);
      if (swept.responses) responses.push(swept.responses);
      dominant = dominant ? mergeDominant(dominant, swept.dominant) : swept.dominant;
    }
    const tensors = tidy(() => ({
      logits: forAnotherOwner(logits),
      probabilities: softmax(logits),
      maps: classOutermost(maps, [height, width]) as Tensor4D,
      dominantClass: reshape(dominant!.classes, [batch, height, width]) as Tensor3D,
      dominantResponse: reshape(dominant!.responses, [batch, height, width]) as Tensor3D,
      ...(options.responses && {
        responses: classOutermost(responses, [height, width, channels]) as Tensor5D,
      }),
    }));
    return {
      ...tensors,
      classes: names,
      dispose() {
        for (const tensor of Object.values(tensors)) tensor?.dispose();
      },
    };
  } finally {
    for (const tensor of [...maps, ...responses]) tensor.dispose();
    dominant?.classes.dispose();
    dominant?.responses.dispose();
  }
}
