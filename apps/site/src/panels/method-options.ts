import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { NumberOption, WordOption } from '@clearmaps/methods';
import { byId, createElement } from '../create-element.ts';
import type { EveryMethod } from '../methods/load-methods.ts';
import { NO_SETTINGS, type SiteState, type SiteStore } from '../state/site-state.ts';

/** A field for each option of the method that is chosen; one that is left empty has what the method takes by itself. */
export function showMethodOptions(store: SiteStore, table: EveryMethod): void {
  const fields = new Map<string, HTMLInputElement | HTMLSelectElement>();
  const build = ({ method, model }: SiteState): void => {
    const options = Object.entries(table.optionsOf(method));
    fields.clear();
    const labels = options.map(([name, option]) => {
      const field = Object.assign(fieldOf(option, model), { name });
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
  const fieldOf = (
    option: NumberOption | WordOption,
    model: LayerGraph | undefined,
  ): HTMLInputElement | HTMLSelectElement => {
    if (option.kind === 'number') return numberField(option);
    const select = createElement('select');
    if (option.value === undefined) select.append(new Option('auto', ''));
    const choices = table.choicesOf(option, model) ?? [];
    select.append(...choices.map((choice) => new Option(choice, choice)));
    return select;
  };
  const take = (name: string, option: NumberOption | WordOption, text: string): void => {
    const isOwn = text === '' || text === String(option.value);
    const setting = isOwn ? undefined : table.readSetting(store.state.method, `${name}=${text}`);
    if (isOwn || setting) tell(name, setting?.[1]);
    else store.set({ problem: refusal(name, option, text) });
    fill();
  };
  const tell = (name: string, value: number | string | undefined, problem?: string): void => {
    const { [name]: _, ...others } = store.state.settings;
    const told = value === undefined ? others : { ...others, [name]: value };
    store.set({ settings: Object.keys(told).length === 0 ? NO_SETTINGS : told, problem });
  };
  const refusal = (name: string, option: NumberOption | WordOption, got: number | string): string => {
    const { method, model } = store.state;
    return `${method}: ${name} got ${got}; allowed: ${table.allowedValues(option, model)}.`;
  };
  /** A net that has no such layer does not lose its map for that. */
  const leaveWhatTheNetLacks = ({ method, settings, model }: SiteState): void => {
    for (const [name, option] of Object.entries(table.optionsOf(method))) {
      const value = settings[name];
      if (value === undefined || table.isAllowed(option, value, model)) continue;
      tell(name, undefined, refusal(name, option, value));
    }
  };
  store.watch(['method', 'model'], build);
  store.watch(['method', 'settings', 'model'], fill);
  store.watch(['model'], leaveWhatTheNetLacks);
}

function numberField({ least, most, whole, value }: NumberOption): HTMLInputElement {
  return createElement('input', {
    type: 'number',
    step: whole ? '1' : 'any',
    placeholder: value === undefined ? 'auto' : '',
    ...(least !== undefined && { min: String(least) }),
    ...(most !== undefined && { max: String(most) }),
  });
}
