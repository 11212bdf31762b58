import type { AsyncExplainOptions } from '@clearmaps/deconvnet/graph';
import type { MethodExplainer, MethodExplanation } from '@clearmaps/methods';
import { type Picture, preprocess } from '@clearmaps/models';
import type { Clearmaps } from 'clearmaps';
import type { SiteState } from '../state/site-state.ts';
import { loadMethods } from './load-methods.ts';
import { sweepRule } from './sweep-rule.ts';

/** By which method, and on what. */
export type AskedMethod = Pick<SiteState, 'net' | 'method' | 'settings' | 'seed' | 'backend'>;

type Options = Pick<AsyncExplainOptions, 'classes' | 'signal' | 'onProgress'>;

/**
 * Explains by any method. The last one that was more than a sweep is kept with all that it has opened, until another
 * one is asked for. For one caller, which waits for it.
 */
export class KeptMethod {
  private kept:
    | (Pick<AskedMethod, 'method' | 'settings'> & {
        readonly cm: Clearmaps;
        readonly running: MethodExplainer;
      })
    | undefined;

  /**
   * @param picture of the size of the net's input
   * @throws MethodError for a net that the method does not fit; SiteError where it cannot be had; the signal's reason
   */
  async explain(
    cm: Clearmaps,
    picture: Picture,
    asked: AskedMethod,
    options: Options = {},
  ): Promise<MethodExplanation> {
    const rule = sweepRule(asked.method);
    if (rule) {
      await this.dispose();
      return cm.explain(picture, { rule, seed: asked.seed, ...options });
    }
    const running = await this.of(cm, asked, options.signal);
    options.signal?.throwIfAborted();
    const { preprocessing, inputShape } = cm.model;
    return running.explain(preprocess(picture, preprocessing!, inputShape), options);
  }

  /** Ends the workers of a method that had some. */
  async dispose(): Promise<void> {
    const { kept } = this;
    this.kept = undefined;
    await kept?.running.dispose();
  }

  private async of(cm: Clearmaps, asked: AskedMethod, signal?: AbortSignal): Promise<MethodExplainer> {
    const { kept } = this;
    const { method, settings } = asked;
    if (kept && kept.cm === cm && kept.method === method && kept.settings === settings) return kept.running;
    await this.dispose();
    const { openMethod } = await loadMethods();
    const running = await openMethod(cm, asked, signal);
    this.kept = { cm, method, settings, running };
    return running;
  }
}
