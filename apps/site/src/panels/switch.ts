import { createElement } from '../create-element.ts';

/** Buttons of which one is pressed. */
export function createSwitch<T extends string>(
  options: Readonly<Record<T, string>>,
  choose: (value: T) => void,
): { readonly buttons: readonly HTMLButtonElement[]; readonly press: (value: T) => void } {
  const buttons = (Object.keys(options) as T[]).map((value) => {
    const button = createElement('button', { type: 'button', value }, options[value]);
    button.addEventListener('click', () => choose(value));
    return button;
  });
  const press = (value: T): void => {
    for (const button of buttons) button.ariaPressed = String(button.value === value);
  };
  return { buttons, press };
}
