import { VERIFY_TOLERANCE } from 'clearmaps/verify';
import { atRest } from '../at-rest.ts';
import { byId, createElement } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import type { BackendChoice } from '../start-engine.ts';
import type { SiteStore } from '../state/site-state.ts';
import { type BackendReport, compareBackends } from './compare-backends.ts';
import { createSwitch } from './switch.ts';

const NAMES: Readonly<Record<BackendChoice, string>> = {
  auto: 'Best here',
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
};

/** Which backend runs and why others do not, and how all of them compare. */
export function showBackends(store: SiteStore): void {
  const choice = createSwitch(NAMES, (backend) => store.set({ backend, problem: undefined }));
  byId('backend-choice').append(...choice.buttons);
  store.watch(['backend'], ({ backend }) => choice.press(backend));
  const nameOf = (name: string): string => NAMES[name as BackendChoice] ?? name;
  const tellTime = (): void => {
    const { explained } = store.state;
    if (!explained) return;
    byId('timing').textContent = `${nameOf(explained.backend.name)}, ${duration(explained.milliseconds)}`;
  };
  // Figures that change with every map could not be read.
  const tellTimeAtRest = atRest(tellTime);
  let listed = '';
  store.watch(['explained'], ({ explained }) => {
    if (!explained) return;
    const { name, skipped } = explained.backend;
    const lines = [
      `${nameOf(name)} runs.`,
      ...skipped.map(({ name: other, reason }) => `${nameOf(other)} was passed over: ${reason}.`),
    ];
    if (lines.join() === listed) return tellTimeAtRest();
    listed = lines.join();
    byId('skipped').replaceChildren(...lines.map((line) => createElement('li', {}, line)));
    tellTime();
  });
  store.watch(['explained'], () => {
    byId('parity').hidden = true;
  });
  const start = byId<HTMLButtonElement>('compare');
  let running: AbortController | undefined;
  start.addEventListener('click', async () => {
    const { explained, net } = store.state;
    if (running) return running.abort();
    if (!explained) return;
    running = new AbortController();
    start.textContent = 'Stop';
    const body = byId('comparison');
    body.replaceChildren();
    byId('comparison-table').hidden = false;
    const { model, picture, explanation } = explained;
    const job = { model, picture, asked: { ...explained.asked, net }, classes: explanation.classes };
    const tellProgress = (name: BackendChoice, share: number): void => {
      start.textContent = `Stop (${NAMES[name]}, ${Math.round(100 * share)} %)`;
    };
    try {
      const tellReport = (report: BackendReport): void => {
        body.append(row(report));
        if (report.name === explained.backend.name && store.state.explained === explained) showParity(report);
      };
      await compareBackends(job, running.signal, tellReport, tellProgress);
    } catch (error) {
      if (!running.signal.aborted) store.set({ problem: messageOf(error) });
    }
    running = undefined;
    start.textContent = 'Compare them';
  });
}

function duration(milliseconds: number): string {
  return milliseconds < 10_000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** How far the backend that runs is from the reference, on the picture that is shown. */
function showParity(report: BackendReport): void {
  const { name, missing, difference, otherSwitches } = report;
  const badge = byId('parity');
  badge.hidden = missing !== undefined || name === 'cpu';
  if (badge.hidden) return;
  const equal = difference! <= VERIFY_TOLERANCE && otherSwitches === 0;
  badge.dataset.kind = equal ? 'equal' : 'differs';
  badge.textContent = `${equal ? '✓' : '✗'} ${NAMES[name]}, on this picture: ${difference!.toExponential(1)} from the reference at most, switches ${switchesText(report)}`;
}

function switchesText({ switches, otherSwitches }: BackendReport): string {
  if (!switches) return 'none';
  const all = switches.toLocaleString('en');
  return otherSwitches === 0 ? `all ${all} equal` : `${otherSwitches!.toLocaleString('en')} of ${all} differ`;
}

function row(report: BackendReport) {
  const { name, missing, milliseconds, difference, otherPixels, knownAnswers } = report;
  const label = createElement('th', { scope: 'row' }, NAMES[name]);
  if (missing !== undefined)
    return createElement('tr', {}, label, createElement('td', { colSpan: 5 }, missing));
  const answers = knownAnswers ? '✓ right' : '✗ wrong';
  const parity = name === 'cpu' ? 'the reference' : difference!.toExponential(1);
  const cells = [
    `${milliseconds!.toFixed(1)} ms`,
    parity,
    otherPixels === 0 ? 'none' : String(otherPixels),
    name === 'cpu' ? 'the reference' : switchesText(report),
    answers,
  ];
  return createElement('tr', {}, label, ...cells.map((text) => createElement('td', {}, text)));
}
