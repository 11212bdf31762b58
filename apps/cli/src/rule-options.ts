import { DEFAULT_RULE, DEFAULT_SEED, RULES, SEEDS } from '@clearmaps/deconvnet';
import { type Command, Option } from 'commander';

/** Options of all commands that send a net's answers back through it: `--model`, `--labels`, `--rule`, `--seed`. */
export function addRuleOptions(command: Command): Command {
  return command
    .option('-m, --model <name|path>', 'bundled model, or path to a model.json', 'mnist')
    .option(
      '--labels <file.json>',
      "class names, a JSON list; default: the model's own, or labels.json beside it",
    )
    .addOption(
      new Option('--rule <rule>', 'what a ReLU does on the way back')
        .choices(Object.keys(RULES))
        .default(DEFAULT_RULE),
    )
    .addOption(
      new Option('--seed <seed>', 'what the way back starts from').choices([...SEEDS]).default(DEFAULT_SEED),
    );
}
