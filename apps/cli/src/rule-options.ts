import {
  DEFAULT_RULE,
  DEFAULT_SEED,
  definitionOf,
  RULES,
  type Rule,
  SEEDS,
} from '@clearmaps/deconvnet/graph';
import { type Command, Option } from 'commander';
import { MODEL_HELP } from './model-source.ts';

/** Options of all commands that send a net's answers back through it: `--model`, `--labels`, `--rule`, `--seed`. */
export function addRuleOptions(command: Command): Command {
  return command
    .option('-m, --model <name|path>', MODEL_HELP, 'mnist')
    .option(
      '--labels <file.json>',
      "class names, a JSON list; default: the model's own, or labels.json beside it",
    )
    .addOption(ruleOption())
    .addOption(seedOption());
}

/** `--seed`. */
export function seedOption(): Option {
  return new Option('--seed <seed>', 'what the way back starts from')
    .choices([...SEEDS])
    .default(DEFAULT_SEED);
}

/**
 * `--rule`: by name, or with a number of its own, as in lrp-epsilon:0.01.
 *
 * @param of before its help, in commands that do more than explain
 */
export function ruleOption(of = ''): Option {
  return new Option(
    '--rule <rule>',
    `${of}what the layers do on the way back: ${Object.keys(RULES).join(', ')}; with a number, lrp-epsilon:0.01 or lrp-gamma:0.5`,
  )
    .argParser((text): Rule => {
      definitionOf(text as Rule);
      return text as Rule;
    })
    .default(DEFAULT_RULE);
}
