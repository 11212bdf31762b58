import { classNamesOf, findClass } from 'clearmaps';
import { byId } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { CLASSES_A_PAGE } from '../session.ts';
import type { SiteStore } from '../state/site-state.ts';

/** For a net of many classes: ten at a time, by falling score, and any other by its name. */
export function showClassPages(store: SiteStore): void {
  const form = byId('class-search');
  const input = byId<HTMLInputElement>('class-name');
  const pages = byId('class-pages');
  store.watch(['explained', 'page'], ({ explained, page }) => {
    const count = explained?.explanation.probabilities.length ?? 0;
    const some = count > (explained?.explanation.classes.length ?? 0);
    form.hidden = pages.hidden = !some;
    const first = page * CLASSES_A_PAGE;
    byId('page-text').textContent = `${first + 1} to ${Math.min(count, first + CLASSES_A_PAGE)} of ${count}`;
    byId<HTMLButtonElement>('page-back').disabled = page === 0;
    byId<HTMLButtonElement>('page-on').disabled = first + CLASSES_A_PAGE >= count;
  });
  byId('page-back').addEventListener('click', () => store.set({ page: store.state.page - 1 }));
  byId('page-on').addEventListener('click', () => store.set({ page: store.state.page + 1 }));
  store.watch(['model'], ({ model }) => {
    const names = model?.classNames ?? [];
    byId('class-names').replaceChildren(...(names.length > 24 ? names.map((name) => new Option(name)) : []));
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { explained, alsoAsked } = store.state;
    if (!explained) return;
    const names = classNamesOf(explained.model, explained.explanation.probabilities.length);
    try {
      store.set({
        alsoAsked: [...alsoAsked, findClass(input.value, names, 'another class')],
        problem: undefined,
      });
    } catch (error) {
      store.set({ problem: messageOf(error) });
    }
    input.value = '';
  });
}
