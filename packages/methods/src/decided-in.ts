import type { Explanation } from '@clearmaps/deconvnet/graph';
import type { Engine } from './engine.ts';

/** In what the explanations that a method asks engines for were decided: see `Explanation.forward`. */
export class DecidedIn {
  private readonly heard = new Set<Explanation['forward']>();

  /** 'float64' where all of them were, and there were some. */
  get forward(): Explanation['forward'] {
    return this.heard.size === 1 ? [...this.heard][0] : undefined;
  }

  /** The same engine, listened to. */
  of(engine: Engine): Engine {
    return {
      predict: (input) => engine.predict(input),
      predictChanges: (image, windows, options) => engine.predictChanges(image, windows, options),
      callsAtOnce: engine.callsAtOnce,
      featureMap: (input) => engine.featureMap(input),
      explain: async (input, options) => {
        const explanation = await engine.explain(input, options);
        this.heard.add(explanation.forward);
        return explanation;
      },
      dispose: () => engine.dispose(),
    };
  }
}
