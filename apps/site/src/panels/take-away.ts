import { npyBytes } from '@clearmaps/datasets';
import { drawView, explanationPalette, shownClasses } from '@clearmaps/element';
import { atRest } from '../at-rest.ts';
import { byId } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { loadMethods } from '../methods/load-methods.ts';
import { sweepRule } from '../methods/sweep-rule.ts';
import { setText } from '../set-text.ts';
import { scaleOf } from '../stage/scale-of.ts';
import { toFragment } from '../state/link.ts';
import { type Asked, className, likeliest, type SiteState, type SiteStore } from '../state/site-state.ts';
import { snippet } from './snippet.ts';

/** A picture with its legend, the numbers, a link that restores the view, and the code that does the same. */
export function showTakeAway(store: SiteStore): void {
  const offer = (id: string, name: string, make: (state: SiteState) => Promise<Blob> | Blob): void => {
    byId(id).addEventListener('click', async () => {
      if (!store.state.explained) return;
      try {
        save(await make(store.state), name);
      } catch (error) {
        store.set({ problem: messageOf(error) });
      }
    });
  };
  offer('save-png', 'clear-map.png', drawSheet);
  offer('save-npy', 'responses.npy', ({ explained }) => {
    const { maps, classes, shape } = explained!.explanation;
    return new Blob([npyBytes(maps, [classes.length, shape[1], shape[2]]) as Uint8Array<ArrayBuffer>]);
  });
  offer('save-json', 'responses.json', responsesJson);
  byId('copy-link').addEventListener('click', async () => {
    const link = `${location.href.split('#')[0]}#${await toFragment(store.state)}`;
    history.replaceState(null, '', link);
    await say('copy-link', navigator.clipboard?.writeText(link), 'Copied', 'It is in the address bar');
  });
  byId('copy-snippet').addEventListener('click', () =>
    say('copy-snippet', navigator.clipboard?.writeText(byId('snippet').textContent!), 'Copied', 'Select it'),
  );
  const named = [
    'net',
    'ownModel',
    'method',
    'settings',
    'seed',
    'backend',
    'palette',
    'scale',
    'fixedStrength',
    'explained',
  ] as const;
  store.watch(
    named,
    atRest(async () => {
      const { method } = store.state;
      try {
        const about = sweepRule(method) ? undefined : (await loadMethods()).METHODS[method];
        if (store.state.method === method) setText(byId('snippet'), snippet(store.state, about));
      } catch (error) {
        store.set({ problem: messageOf(error) });
      }
    }),
  );
}

/** Says on the button how it went; without permission for the clipboard, where to find it. */
async function say(
  id: string,
  copied: Promise<void> | undefined,
  done: string,
  otherwise: string,
): Promise<void> {
  const button = byId(id);
  const before = button.dataset.text ?? button.textContent!;
  button.dataset.text = before;
  const worked = await copied?.then(
    () => true,
    () => false,
  );
  button.textContent = worked ? done : otherwise;
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
}

async function drawSheet(state: SiteState): Promise<Blob> {
  // The letters of the legend weigh 60 kB.
  const { composeSheet } = await import('@clearmaps/colormap/sheet');
  const { explanation, model, raster } = state.explained!;
  const { probabilities, classes } = explanation;
  const palette = explanationPalette(explanation, state.palette);
  const best = likeliest(probabilities);
  const { opacity, target = best } = state;
  const options = { shown: shownClasses(classes, state), target, palette, scale: scaleOf(state), opacity };
  const panel = (view: 'clear' | 'overlay' | 'heatmap', caption: string) => ({
    raster: drawView(explanation, { ...options, view, picture: raster }),
    caption,
  });
  const sheet = composeSheet({
    title: `${model.name}: ${className(model, best)} (${(100 * probabilities[best]!).toFixed(1)} %)`,
    subtitle: `${wayOf(state.explained!.asked)}, scale ${state.scale}`,
    panels: [
      { raster, caption: 'Picture' },
      panel('clear', 'CLEAR map'),
      panel('overlay', 'Overlay'),
      panel('heatmap', 'Heatmap'),
    ],
    legend: {
      palette,
      classNames: [...probabilities.keys()].map((c) => className(model, c)),
      classes,
      probabilities,
    },
  });
  const canvas = new OffscreenCanvas(sheet.width, sheet.height);
  canvas.getContext('2d')!.putImageData(new ImageData(sheet.data, sheet.width), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** In the words of a subtitle. */
function wayOf({ method, settings, seed }: Asked): string {
  if (sweepRule(method)) return `rule ${method}, seed ${seed}`;
  return ['method', method, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)].join(' ');
}

function responsesJson({ explained }: SiteState): Blob {
  const { asked, explanation, model } = explained!;
  const { shape, classes, logits, probabilities, maps, dominantClass, dominantResponse } = explanation;
  const record = {
    model: model.name,
    // As the command line says it.
    ...(sweepRule(asked.method)
      ? { rule: asked.method, seed: asked.seed }
      : { method: asked.method, options: asked.settings }),
    classes: classes.map((c) => ({
      index: c,
      name: className(model, c),
      logit: logits[c],
      probability: probabilities[c],
    })),
    shape: [classes.length, shape[1], shape[2]],
    maps: [...maps],
    dominantClass: [...dominantClass],
    dominantResponse: [...dominantResponse],
  };
  return new Blob([JSON.stringify(record)], { type: 'application/json' });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
