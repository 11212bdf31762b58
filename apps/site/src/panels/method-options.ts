import type { NumberOption, WordOption } from '@clearmaps/methods';
import { byId, createElement } from '../create-element.ts';
import type { EveryMethod } from '../methods/load-methods.ts';
import { NO_SETTINGS, type SiteStore } from '../state/site-state.ts';

/** A field for each option of the method that is chosen; one that is left empty has what the method takes by itself. */
export function showMethodOptions(store: SiteStore, table: EveryMethod): void {
  const fields = new Map<string, HTMLInputElement | HTMLSelectElement>();
  const build = (): void => {
    const options = Object.entries(table.optionsOf(store.state.method));
    fields.clear();
    const labels = options.map(([name, option]) => {
      const field = Object.assign(fieldOf(option), { name });
      field.addEventListener('change', () => take(name, option, field.value));
      fields.set(name, field);
      const hint =
        option.unlessTold === undefined ? option.help : `${option.help}; else ${option.unlessTold}`;
      return createElement('label', { class: 'field' }, name, field, createElement('span', {}, hint));
    });
    byId('method-options').replaceChildren(...labels);
  };
  const fill = (): void => {
    const { method, settings } = store.state;
    const options = table.optionsOf(method);
    for (const [name, field] of fields) field.value = String(settings[name] ?? options[name]!.value ?? '');
  };
  const take = (name: string, option: NumberOption | WordOption, text: string): void => {
    const { method, settings } = store.state;
    const { [name]: _, ...others } = settings;
    const isOwn = text === '' || text === String(option.value);
    const setting = isOwn ? undefined : table.readSetting(method, `${name}=${text}`);
    if (isOwn || setting) {
      const told = setting ? { ...others, [name]: setting[1] } : others;
      store.set({ settings: Object.keys(told).length === 0 ? NO_SETTINGS : told, problem: undefined });
    } else {
      store.set({ problem: `${method}: ${name} got ${text}; allowed: ${table.allowedValues(option)}.` });
    }
    fill();
  };
  store.watch(['method'], build);
  store.watch(['method', 'settings'], fill);
}

function fieldOf(option: NumberOption | WordOption): HTMLInputElement | HTMLSelectElement {
  if (option.kind === 'word') {
    const select = createElement('select');
    select.append(...(option.choices ?? []).map((choice) => new Option(choice, choice)));
    return select;
  }
  const { least, most, whole, value } = option;
  return createElement('input', {
    type: 'number',
    step: whole ? '1' : 'any',
    placeholder: value === undefined ? 'auto' : '',
    ...(least !== undefined && { min: String(least) }),
    ...(most !== undefined && { max: String(most) }),
  });
}
