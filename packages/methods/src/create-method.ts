import {
  type AsyncExplainOptions,
  checkExplainOptions,
  checkImages,
  type Explanation,
  GraphPlan,
  type LayerGraph,
} from '@clearmaps/deconvnet/graph';
import { checkOptionNames, type OptionNames } from '@clearmaps/errors';
import { assemble } from './assemble.ts';
import { DecidedIn } from './decided-in.ts';
import type { Engine, OpenEngine } from './engine.ts';
import { MethodError } from './errors.ts';
import type { Attribution, Method } from './method.ts';
import { optionValues } from './method-options.ts';
import { METHOD_NAMES, METHODS, type MethodName } from './methods.ts';

export interface MethodRequest {
  readonly method: MethodName;
  /** The net, and what runs it. */
  readonly graph: LayerGraph;
  readonly engine: Engine;
  /** For methods that look inside the net. */
  readonly open: OpenEngine;
  /** The method's own; what is left away has the method's default. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Images that stand for the data set, [n, H, W, C], network input: for methods that learn from them. */
  readonly reference?: Float32Array;
  /** Ends the preparing, of methods that take long to learn; a call of `explain` has its own. */
  readonly signal?: AbortSignal;
}

const NAMES: OptionNames<MethodRequest> = {
  method: true,
  graph: true,
  engine: true,
  open: true,
  options: true,
  reference: true,
  signal: true,
};

/** What a method is asked; the method decides on rule and seed. */
export type MethodExplainOptions = Pick<
  AsyncExplainOptions,
  'classes' | 'reduction' | 'responses' | 'signal' | 'onProgress'
>;

export interface MethodExplanation extends Explanation {
  /** Of methods that promise completeness, [B, n]: the sum of the attributions minus what it should be. */
  readonly completenessError?: Float32Array;
}

/** A method, ready for images. */
export interface MethodExplainer {
  /**
   * R(x|c) of the asked classes and the dominant maps, in the shape in which an engine explains: all that draws an
   * explanation draws this one. Images of a batch come one after the other, each as it would alone; `onProgress`
   * counts parts of the work.
   *
   * @throws ExplainError for bad input or options, as an engine does; the signal's reason once it is aborted.
   */
  explain(images: Float32Array, options?: MethodExplainOptions): Promise<MethodExplanation>;
  /** Frees what the method opened; not the engine that it was given. */
  dispose(): Promise<void>;
}

/**
 * Prepares a method for a net.
 *
 * @throws MethodError for a method that does not exist, options that it does not have, a net that it does not fit,
 *   reference images that it lacks; ExplainError for reference images of another shape; the signal's reason once it
 *   is aborted.
 */
export async function createMethod(request: MethodRequest): Promise<MethodExplainer> {
  checkOptionNames('createMethod', request, NAMES, MethodError);
  const { graph, engine, signal } = request;
  signal?.throwIfAborted();
  const method = methodOf(request.method);
  const plan = new GraphPlan(graph);
  const reference = request.reference ?? new Float32Array();
  if (reference.length > 0) checkImages(graph, reference);
  else if (method.needsReference) {
    throw new MethodError({
      asked: `method ${request.method}`,
      got: 'no reference images',
      remedy: 'Give images that stand for the data set as `reference`.',
    });
  }
  const options = optionValues(request.method, method.options, request.options ?? {});
  const decidedIn = new DecidedIn();
  const opened: Engine[] = [];
  const disposeAll = async (): Promise<void> => {
    for (const part of opened.splice(0)) await part.dispose();
  };
  const open = async (part: LayerGraph): Promise<Engine> => {
    const running = decidedIn.of(await request.open(part));
    opened.push(running);
    return running;
  };
  try {
    const attribute = await method.prepare({
      plan,
      engine: decidedIn.of(engine),
      open,
      options,
      reference,
      signal,
    });
    return {
      dispose: disposeAll,
      async explain(images, told = {}) {
        const { signal, onProgress } = told;
        signal?.throwIfAborted();
        checkExplainOptions(told, plan);
        const batch = checkImages(graph, images);
        const classes = told.classes?.slice() ?? Array.from({ length: plan.classCount }, (_, c) => c);
        const size = images.length / batch;
        const found: Attribution[] = [];
        for (let i = 0; i < batch; i++) {
          const image = images.slice(i * size, (i + 1) * size);
          const step = async (done: number, total: number): Promise<void> => {
            onProgress?.(i * total + done, batch * total);
            // Only a turn of the event loop lets an abort come in.
            if (signal !== undefined || onProgress !== undefined)
              await new Promise((turn) => setTimeout(turn));
            signal?.throwIfAborted();
          };
          found.push(await attribute({ image, classes, signal, step }));
        }
        const shape = [batch, ...graph.inputShape] as const;
        const complete = found.flatMap(({ completenessError }) => [...(completenessError ?? [])]);
        const values = joined(found.map((attribution) => attribution.values));
        const { forward } = decidedIn;
        return {
          ...assemble(values, await engine.predict(images), shape, classes, {
            reduction: told.reduction ?? method.reduction,
            responses: told.responses ?? false,
          }),
          ...(forward && { forward }),
          ...(complete.length > 0 && { completenessError: Float32Array.from(complete) }),
        };
      },
    };
  } catch (error) {
    await disposeAll();
    throw error;
  }
}

function methodOf(name: string): Method {
  if (Object.hasOwn(METHODS, name)) return METHODS[name as MethodName];
  throw new MethodError({ asked: 'a method', got: `"${name}"`, allowed: METHOD_NAMES.join(', ') });
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
