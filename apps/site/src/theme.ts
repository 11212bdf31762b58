import { byId } from './create-element.ts';

const KEY = 'clearmaps-theme';

/** Light or dark as the system has it, until the visitor says otherwise. */
export function followTheme(): void {
  const root = document.documentElement;
  const kept = localStorage.getItem(KEY);
  if (kept === 'light' || kept === 'dark') root.dataset.theme = kept;
  byId('theme').addEventListener('click', () => {
    const shown =
      root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    root.dataset.theme = shown === 'dark' ? 'light' : 'dark';
    localStorage.setItem(KEY, root.dataset.theme);
  });
}
