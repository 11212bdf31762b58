import { isAnswered, type SiteStore } from '../state/site-state.ts';

/** What takes long: how far it has come, and a way to stop it, wherever a map is waited for. */
export function showWorking(store: SiteStore): void {
  for (const box of document.querySelectorAll<HTMLElement>('.working')) {
    const progress = box.querySelector('progress')!;
    store.watch(['working'], ({ working }) => {
      box.hidden = !working;
      progress.value = working?.share ?? 0;
    });
    box.querySelector('button')!.addEventListener('click', () => stop(store));
    // The map that is there meanwhile is not the one that was asked for.
    const map = box.parentElement!.querySelector('clear-map')!;
    store.watch(['working', 'explained', 'picture', 'method', 'settings'], (state) => {
      map.classList.toggle('stale', state.working !== undefined && !isAnswered(state));
    });
  }
}

/** Back to what is shown. */
function stop(store: SiteStore): void {
  const { working, explained, picture } = store.state;
  working?.stop();
  if (!explained) return;
  const { method, settings, seed } = explained.asked;
  // The map of another picture would stand beside this one.
  if (explained.picture !== picture) store.set({ explained: undefined });
  else store.set({ method, settings, seed });
}
