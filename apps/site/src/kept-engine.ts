import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { Backend, Clearmaps } from 'clearmaps';
import { type BackendChoice, startEngine } from './start-engine.ts';

/** One engine at a time: that of the model and the backend asked for last. For one caller, which waits for it. */
export class KeptEngine {
  private kept:
    | { readonly cm: Clearmaps; readonly model: LayerGraph; readonly choice: BackendChoice }
    | undefined;

  constructor(private readonly backendOf?: (choice: BackendChoice) => Backend) {}

  /** @throws SiteError with the reason why it cannot run. */
  async of(model: LayerGraph, choice: BackendChoice): Promise<Clearmaps> {
    const { kept } = this;
    if (kept && kept.model === model && kept.choice === choice) return kept.cm;
    this.kept = undefined;
    await kept?.cm.dispose();
    const cm = await startEngine(model, choice, this.backendOf);
    this.kept = { cm, model, choice };
    return cm;
  }
}
