import { FORWARD_CHOICES, FORWARD_TYPES, type ForwardChoice } from '@clearmaps/onnx';
import { type Command, Option } from 'commander';
import { BACKEND_NAMES } from './backends.ts';

/** Where `--forward float64` can be had, of commands with `--backend`. */
export const ON_NATIVE = '; float64 on native alone';

/** Where to compute, and in which numbers, chosen by itself unless told: `--backend`, `--forward`. */
export function addBackendOptions(command: Command): Command {
  return command
    .addOption(backendOption())
    .addOption(forwardOption(`${ON_NATIVE}, where auto takes it if memory allows`, FORWARD_CHOICES));
}

/** `--backend`. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto');
}

/**
 * `--forward`.
 *
 * @param where it can be had
 * @param choices of which 'auto', where it is among them, is the default
 */
export function forwardOption(where = '', choices: readonly ForwardChoice[] = FORWARD_TYPES): Option {
  return new Option(
    '--forward <type>',
    `numbers of the forward pass: with float64 no sign and no switch is left to rounding, and it takes longer${where}`,
  )
    .choices([...choices])
    .default(choices.includes('auto') ? 'auto' : 'float32');
}
