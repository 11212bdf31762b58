import { STRONG_FEATURE_REDUCTION, usualRemoval } from '@clearmaps/evaluation';
import type { Clearmaps } from 'clearmaps';
import { atRest } from '../at-rest.ts';
import { byId } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { KeptEngine } from '../kept-engine.ts';
import { sweepRule } from '../methods/sweep-rule.ts';
import { newestOnly } from '../newest-only.ts';
import { rasterOf } from '../session.ts';
import { type Explained, likeliest, type SiteStore, shortName, targetOf } from '../state/site-state.ts';
import { eraseStrong } from './erase-strong.ts';

/** A slider that takes the strong features away, or leaves nothing else, and what the net then decides. */
export function showErasing(store: SiteStore, panel: HTMLDetailsElement): void {
  const slider = byId<HTMLInputElement>('threshold');
  const engine = new KeptEngine();

  const update = newestOnly(
    async () => {
      const { explained, backend } = store.state;
      if (!explained || !panel.open) return;
      const { model, picture } = explained;
      const asked = targetOf(store.state)!;
      const cm = await engine.of(model, backend);
      const response = await strengthOf(cm, explained, asked);
      const blank = usualRemoval(model.inputShape[2]) === 'background' ? 0 : 128;
      const parts = eraseStrong(picture, response, slider.valueAsNumber, blank);
      byId('threshold-value').textContent =
        `Strong is above ${Math.round(100 * slider.valueAsNumber)} % of the strongest: ${Math.round(100 * parts.share)} % of the picture.`;
      for (const name of ['only', 'without'] as const) {
        const raster = rasterOf(parts[name]);
        const canvas = byId<HTMLCanvasElement>(`${name}-strong`);
        Object.assign(canvas, { width: raster.width, height: raster.height });
        canvas.getContext('2d')!.putImageData(new ImageData(raster.data, raster.width), 0, 0);
        const { probabilities: after } = await cm.predict(parts[name]);
        const best = likeliest(after);
        const verdict = byId(`${name}-verdict`);
        verdict.textContent = `${shortName(model, best)}, ${Math.round(100 * after[best]!)} %`;
        verdict.classList.toggle('changed', best !== asked);
      }
    },
    (error) => store.set({ problem: messageOf(error) }),
  );
  slider.addEventListener('input', update);
  panel.addEventListener('toggle', update);
  store.watch(['explained'], atRest(update));
  store.watch(['target'], update);
}

/** What one class has at each pixel, [H*W]: by a way back as the paper's experiment has it, else as the map shows it. */
async function strengthOf(
  cm: Clearmaps,
  { asked, explanation, picture }: Explained,
  target: number,
): Promise<Float32Array> {
  const rule = sweepRule(asked.method);
  if (rule) {
    const options = { rule, seed: asked.seed, classes: [target], reduction: STRONG_FEATURE_REDUCTION };
    return (await cm.explain(picture, options)).maps;
  }
  const row = explanation.classes.indexOf(target);
  const pixels = explanation.dominantClass.length;
  return explanation.maps.subarray(row * pixels, (row + 1) * pixels);
}
