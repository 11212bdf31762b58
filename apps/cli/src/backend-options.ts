import { FORWARD_CHOICES, FORWARD_TYPES } from '@clearmaps/onnx';
import { type Command, Option } from 'commander';
import { BACKEND_NAMES } from './backends.ts';

/** Where to compute, and in which numbers: `--backend`, `--forward`. */
export function addBackendOptions(command: Command): Command {
  return command
    .addOption(new Option('--backend <name>', 'where to compute').choices(BACKEND_NAMES).default('auto'))
    .addOption(
      forwardOption('; float64 on native alone, where auto takes it if memory allows')
        .choices([...FORWARD_CHOICES])
        .default('auto'),
    );
}

/** `--forward`. @param where it can be had */
export function forwardOption(where = ''): Option {
  return new Option(
    '--forward <type>',
    `numbers of the forward pass: with float64 no sign and no switch is left to rounding, and it takes longer${where}`,
  )
    .choices([...FORWARD_TYPES])
    .default('float32');
}
