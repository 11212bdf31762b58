import { GraphPlan, type LayerGraph } from '@clearmaps/deconvnet/graph';
import type { Engine, OpenEngine } from './engine.ts';
import { MethodError } from './errors.ts';
import { graphUpTo } from './graph-parts.ts';

/** The channels of one layer, or the classes, as things to look at by themselves. */
export interface Units {
  /** The net up to them: its "classes" are the units. */
  readonly plan: GraphPlan;
  readonly engine: Engine;
  /** Of a unit, whatever its place: the largest value of its map for each image of [B, H, W, C], [B]. */
  respond(unit: number, images: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Opens a net up to a layer.
 *
 * @param layer the classes unless told
 * @throws MethodError for a layer that does not exist.
 */
export async function openUnits(graph: LayerGraph, open: OpenEngine, layer?: string): Promise<Units> {
  const part = layer === undefined ? graph : graphUpTo(graph, layer);
  const plan = new GraphPlan(part);
  const engine = await open(part);
  const [h, w, count] = plan.featureMap.shape;
  return {
    plan,
    engine,
    async respond(unit, images) {
      checkUnit(plan, unit);
      const maps = await engine.featureMap(images);
      const responses = new Float32Array(maps.length / (h * w * count)).fill(Number.NEGATIVE_INFINITY);
      for (let at = unit; at < maps.length; at += count) {
        const image = Math.floor(at / (h * w * count));
        responses[image] = Math.max(responses[image]!, maps[at]!);
      }
      return responses;
    },
    dispose: async () => engine.dispose(),
  };
}

/** @throws MethodError naming the units that there are. */
export function checkUnit({ graph, classCount }: GraphPlan, unit: number): void {
  if (Number.isInteger(unit) && unit >= 0 && unit < classCount) return;
  throw new MethodError({
    asked: `unit of "${graph.name}"`,
    got: String(unit),
    allowed: `whole numbers from 0 to ${classCount - 1}`,
  });
}
