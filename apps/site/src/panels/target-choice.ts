import { className, type SiteStore } from '../state/site-state.ts';

/** A list of the classes, of which the one that single-class views speak for is chosen. */
export function offerTargets(store: SiteStore, select: HTMLSelectElement): void {
  select.addEventListener('change', () => {
    store.set({ target: select.value === '' ? undefined : Number(select.value) });
  });
  let listed = '';
  store.watch(['explained', 'target'], ({ explained, target }) => {
    if (!explained) return;
    const { classes } = explained.explanation;
    const key = `${explained.model.name} ${classes}`;
    if (key !== listed) {
      listed = key;
      const options = classes.map((c) => new Option(className(explained.model, c), String(c)));
      select.replaceChildren(new Option('the likeliest', ''), ...options);
    }
    const value = target !== undefined && classes.includes(target) ? String(target) : '';
    if (select.value !== value) select.value = value;
  });
}
