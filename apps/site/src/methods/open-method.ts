import { createMethod, METHODS, type Method, type MethodExplainer } from '@clearmaps/methods';
import type { Clearmaps } from 'clearmaps';
import { startEngine } from '../start-engine.ts';
import type { SiteState } from '../state/site-state.ts';
import { learnedFrom } from './learned-from.ts';

/** Values of the variants of a picture that go through the net at once: of a digit 16 variants, of a photo one. */
const VALUES_AT_ONCE = 200_000;

/**
 * A method on the engine that runs the net. Where it looks at parts of the net they get workers of their own, which
 * end with the method.
 *
 * @throws MethodError for a net that it does not fit; SiteError for one without pictures to learn from; the signal's
 *   reason once it is aborted
 */
export async function openMethod(
  cm: Clearmaps,
  { net, method, settings, backend }: Pick<SiteState, 'net' | 'method' | 'settings' | 'backend'>,
  signal?: AbortSignal,
): Promise<MethodExplainer> {
  const { model: graph } = cm;
  const { needsReference, options }: Method = METHODS[method];
  const [height, width, channels] = graph.inputShape;
  const batch = Math.min(16, Math.max(1, Math.round(VALUES_AT_ONCE / (height * width * channels))));
  return createMethod({
    method,
    graph,
    engine: cm,
    open: (part) => startEngine(part, backend),
    options: { ...('batch' in options && { batch }), ...settings },
    ...(needsReference && { reference: await learnedFrom(net, graph, signal) }),
    signal,
  });
}
