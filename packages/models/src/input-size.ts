import { GraphError, type LayerGraph, type Shape, validateGraph } from '@clearmaps/deconvnet/graph';

export interface InputSize {
  /** Pixels, from 1. */
  readonly height: number;
  readonly width: number;
}

/**
 * The same net for pictures of another size. One that averages over all places before it decides takes any size at
 * which its windows still fit; small pictures are cheaper, and small objects need no more.
 *
 * A net that cuts the centre out of pictures now scales their short side to its input, so that no margin is lost:
 * the margin belonged to the size it had.
 *
 * @throws GraphError for sizes that are no whole numbers from 1, and nets whose layers do not take the size, such as
 *   a dense layer behind a flatten.
 */
export function withInputSize(graph: LayerGraph, { height, width }: InputSize): LayerGraph {
  const { preprocessing } = graph;
  const inputShape = [height, width, graph.inputShape[2]] as const;
  const { shortSide: _, ...kept } = preprocessing ?? {};
  const resized = {
    ...graph,
    inputShape,
    ...(preprocessing && { preprocessing: kept as typeof preprocessing }),
  };
  checkShapes(graph, resized);
  return resized;
}

function checkShapes(graph: LayerGraph, resized: LayerGraph): ReadonlyMap<string, Shape> {
  try {
    return validateGraph(resized);
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new GraphError({
      asked: `graph "${graph.name}" for pictures of ${resized.inputShape.slice(0, 2).join('x')}`,
      got: cause.message,
      allowed: `a size that its layers take, as ${graph.inputShape.slice(0, 2).join('x')}`,
      cause,
    });
  }
}
