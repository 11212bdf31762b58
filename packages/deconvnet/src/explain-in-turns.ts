import { evenChunks } from './class-chunks.ts';
import type { AsyncExplainOptions } from './explain-options.ts';
import type { Explanation, Prediction } from './explanation.ts';
import { ExplanationBuilder, type Swept } from './explanation-builder.ts';
import type { GraphPlan } from './graph-plan.ts';
import { INPUT } from './layer-graph.ts';
import { turn } from './steps.ts';
import { type AskedRows, otherRows, type Row } from './sweep-rows.ts';
import { silentSwept, sweptClasses } from './swept-classes.ts';

/** What an engine brings: sweeps over one forward pass. */
export interface Sweeps {
  /** B. */
  readonly images: number;
  /** Classes whose responses are zero everywhere: they are not swept. */
  readonly silent: ReadonlySet<number>;
  /** How many rows a sweep takes at most. */
  readonly atOnce: number;
  sweep(rows: readonly Row[]): Promise<Swept>;
  /** Asked for after the sweeps. */
  scores(): Promise<Prediction>;
  /** The same; of the layers asked for those of max pools, by name. See `LayerResponses`. */
  switches(): Promise<ReadonlyMap<string, Int32Array>>;
}

/**
 * Explains by as many sweeps as it takes, each forgotten before the next, see {@link ExplanationBuilder}.
 *
 * @throws the signal's reason once it is aborted; what the sweeps, `onClasses` and `onProgress` throw
 */
export async function explainInTurns(
  plan: GraphPlan,
  { rows, names }: AskedRows,
  { images, silent, atOnce, sweep, scores, switches }: Sweeps,
  options: AsyncExplainOptions,
): Promise<Explanation> {
  const { signal, onProgress, onClasses, maps = true, responses = false, layers = [] } = options;
  const others = options.others ? otherRows(rows, plan.classCount) : [];
  const total = rows.length + others.length;
  const shape = [images, ...plan.spatialShape(options.at ?? INPUT)] as const;
  const builder = new ExplanationBuilder({
    shape,
    classes: names,
    maps,
    responses: responses && onClasses === undefined,
    layers: layers.map((name) => ({ name, shape: [images, ...plan.spatialShape(name)] as const })),
  });
  let done = 0;
  const advance = async (by: number): Promise<void> => {
    done += by;
    onProgress?.(done, total);
    if (signal === undefined && onProgress === undefined && onClasses === undefined) return;
    await turn();
    signal?.throwIfAborted();
  };
  const sweepUnlessAborted = async (chunk: readonly Row[]): Promise<Swept> => {
    const swept = await sweep(chunk);
    // Whoever has aborted is told of nothing any more.
    signal?.throwIfAborted();
    return swept;
  };
  const isSilent = (row: Row): boolean => row.every((c) => silent.has(c));
  const positions = [...rows.keys()];
  const quiet = positions.filter((position) => isSilent(rows[position]!));
  const loudOthers = others.filter((row) => !isSilent(row));
  const quietOthers = others.length - loudOthers.length;
  const namesOf = (chunk: readonly number[]): number[] => chunk.map((position) => names[position]!);
  builder.addSilent(quiet);
  if (onClasses) {
    for (const chunk of evenChunks(quiet, atOnce))
      await onClasses(silentSwept(namesOf(chunk), shape, responses));
  }
  if (quietOthers > 0) builder.addSilentOthers();
  if (quiet.length + quietOthers > 0) await advance(quiet.length + quietOthers);
  const loud = positions.filter((position) => !isSilent(rows[position]!));
  for (const chunk of evenChunks(loud, atOnce)) {
    const swept = await sweepUnlessAborted(chunk.map((position) => rows[position]!));
    builder.add(swept, chunk);
    await onClasses?.(sweptClasses(swept, namesOf(chunk), shape));
    await advance(chunk.length);
  }
  for (const chunk of evenChunks(loudOthers, atOnce)) {
    builder.addOthers(await sweepUnlessAborted(chunk), chunk.length);
    await advance(chunk.length);
  }
  return builder.finish(await scores(), await switches());
}
