import type { Command } from 'commander';

/** The first of these flags, written as `--rule`, that stands on the command line; a default is not told. */
export function toldFlag(command: Command, flags: readonly string[]): string | undefined {
  const told = command.options.find(
    (option) =>
      flags.includes(option.long ?? '') && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  return told?.long;
}
