import { createElement } from '../create-element.ts';

export interface Switch {
  readonly buttons: readonly HTMLButtonElement[];
  /** None where it is a value of another switch. */
  readonly press: (value: string) => void;
}

/** Buttons of which one is pressed. */
export function createSwitch<T extends string>(
  options: Readonly<Record<T, string>>,
  choose: (value: T) => void,
): Switch {
  const buttons = (Object.keys(options) as T[]).map((value) => {
    const button = createElement('button', { type: 'button', value }, options[value]);
    button.addEventListener('click', () => choose(value));
    return button;
  });
  const press = (value: string): void => {
    for (const button of buttons) button.ariaPressed = String(button.value === value);
  };
  return { buttons, press };
}
