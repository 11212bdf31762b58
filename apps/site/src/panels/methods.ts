import { DEFAULT_SEED, type Seed } from '@clearmaps/deconvnet/graph';
import type { MethodName } from '@clearmaps/methods';
import { byId, createElement } from '../create-element.ts';
import { messageOf } from '../errors.ts';
import { dataOf } from '../methods/data-of.ts';
import {
  type EveryMethod,
  FIRST_METHODS,
  type FirstMethod,
  isFirstMethod,
  loadMethods,
} from '../methods/load-methods.ts';
import { sweepRule } from '../methods/sweep-rule.ts';
import { setText } from '../set-text.ts';
import {
  DIGIT_LOOKS,
  type Explained,
  NO_SETTINGS,
  PHOTO_LOOKS,
  type SiteState,
  type SiteStore,
} from '../state/site-state.ts';
import { showMethodOptions } from './method-options.ts';
import { createSwitch, type Switch } from './switch.ts';

const FIRST: Readonly<Record<FirstMethod, string>> = {
  linear: 'The paper’s equation as written: a ReLU lets everything back through, so maps are noisy.',
  deconvnet:
    'What comes back negative at a ReLU stops there: only evidence adds up (Zeiler and Fergus 2014).',
  gradient: 'Only paths that were active on the way forward count: the gradient (Simonyan et al. 2013).',
  guided: 'Both: active paths and positive evidence alone; the cleanest maps (Springenberg et al. 2014).',
};
const SEEDS: Readonly<Record<Seed, string>> = {
  positive: 'The way back starts from where the class responds, and ignores where it objects.',
  activation: 'It starts from the whole response of the class, objections included.',
  unit: 'It starts from ones everywhere, as gradient tools do, however weakly the class responds there.',
};

/** Every method by its name, those beyond the four rules once they are asked for; and what the way back starts from. */
export function showMethods(store: SiteStore): void {
  const panel = byId<HTMLDetailsElement>('more-methods');
  let table: EveryMethod | undefined;
  const choose = (method: MethodName): void => store.set(chosen(store.state, method, table));
  const switches = [createSwitch<FirstMethod>(labels(FIRST_METHODS), choose)];
  byId('methods').append(...switches[0]!.buttons);
  const seed = createSwitch(labels(Object.keys(SEEDS) as Seed[]), (value) => store.set({ seed: value }));
  byId('seeds').append(...seed.buttons);

  const update = (): void => {
    const { state } = store;
    for (const one of switches) one.press(state.method);
    tellOfMethod(state.method, table);
    seed.press(state.seed);
    const takesSeed = sweepRule(state.method) !== undefined;
    byId<HTMLFieldSetElement>('seeds').disabled = !takesSeed;
    setText(byId('seed-text'), takesSeed ? SEEDS[state.seed] : noSeed(state.method));
    if (table) refuseWhatLacksData(switches, state, table);
  };
  const load = async (): Promise<void> => {
    if (table) return;
    try {
      const loaded = await loadMethods();
      if (table) return;
      table = loaded;
      const families = familyRows(table, choose);
      switches.push(...families.map(({ choice }) => choice));
      byId('families').replaceChildren(...families.map(({ row }) => row));
      update();
      showMethodOptions(store, table);
    } catch (error) {
      panel.open = false;
      store.set({ problem: messageOf(error) });
    }
  };
  panel.addEventListener('toggle', () => panel.open && load());
  store.watch(['method'], ({ method }) => {
    // The button that is pressed is in sight.
    if (!isFirstMethod(method)) panel.open = true;
  });
  store.watch(['method', 'seed', 'net', 'model'], update);
  store.watch(['explained'], ({ explained }) => tellCompleteness(explained));
}

/** What changes with a method: options are its own, and so is what it starts from unless the visitor has said. */
function chosen(state: SiteState, method: MethodName, table: EveryMethod | undefined): Partial<SiteState> {
  const startOf = table?.startOf ?? (() => DEFAULT_SEED);
  return {
    method,
    settings: NO_SETTINGS,
    seed: state.seed === startOf(state.method) ? startOf(method) : state.seed,
    // Responses of two methods have no common scale.
    ...(state.scale === 'fixed' && { scale: (state.net === 'own' ? PHOTO_LOOKS : DIGIT_LOOKS).scale }),
    problem: undefined,
  };
}

function tellOfMethod(method: MethodName, table: EveryMethod | undefined): void {
  setText(byId('method-name'), method);
  const note = byId('method-note');
  const about = isFirstMethod(method) ? undefined : table?.METHODS[method];
  note.hidden = !about;
  setText(byId('method-text'), isFirstMethod(method) ? FIRST[method] : about ? sentence(about.promises) : '');
  if (!about) return;
  const { paper, cost, fails } = about;
  setText(
    note,
    `Where it fails: ${sentence(fails, false)} Cost: ${sentence(cost, false)} ${sentence(paper)}`,
  );
}

/** How far a method that promises to add up misses that, on this picture. */
function tellCompleteness(explained: Explained | undefined): void {
  const { completenessError } = explained?.explanation ?? {};
  const note = byId('completeness');
  note.hidden = !completenessError;
  if (!completenessError) return;
  const most = Math.max(...completenessError.map(Math.abs));
  setText(note, `On this picture the sums miss what they should be by at most ${most.toPrecision(2)}.`);
}

function noSeed(method: MethodName): string {
  return `Nothing to choose with ${method}: only what goes back through the layers once, by a rule, starts from one of these.`;
}

/** The methods that are not among the first, a row a family. */
function familyRows({ FAMILIES, METHOD_NAMES, METHODS }: EveryMethod, choose: (name: MethodName) => void) {
  return FAMILIES.flatMap((family) => {
    const names = METHOD_NAMES.filter((name) => METHODS[name].family === family && !isFirstMethod(name));
    if (names.length === 0) return [];
    const title = capital(family);
    const choice = createSwitch(labels(names), choose);
    const buttons = createElement('div', { class: 'switch' }, ...choice.buttons);
    const label = createElement('span', { class: 'hint' }, title);
    return [
      {
        choice,
        row: createElement('div', { class: 'family', role: 'group', ariaLabel: title }, label, buttons),
      },
    ];
  });
}

/** Methods that learn from pictures, where the page has none that the net learnt from. */
function refuseWhatLacksData(
  switches: readonly Switch[],
  { net, model }: SiteState,
  { METHODS }: EveryMethod,
): void {
  const lacksData = model !== undefined && dataOf(net, model) === undefined;
  const refused: string[] = [];
  for (const button of switches.flatMap(({ buttons }) => buttons)) {
    const name = button.value as MethodName;
    button.disabled = lacksData && 'needsReference' in METHODS[name];
    if (button.disabled) refused.push(name);
  }
  const missing = byId('method-missing');
  missing.hidden = refused.length === 0;
  setText(
    missing,
    `Not of a network of yours: ${refused.join(', ')} first learns from pictures of the network’s own kind, and the page has none. The command line does: it takes a folder of them.`,
  );
}

function labels<T extends string>(names: readonly T[]): Record<T, string> {
  return Object.fromEntries(names.map((name): [string, string] => [name, name])) as Record<T, string>;
}

/** What the table says in half a sentence, with code in backticks, as a whole one. */
function sentence(text: string, begins = true): string {
  const plain = text.replaceAll('`', '');
  return `${begins ? capital(plain) : plain}.`;
}

function capital(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
