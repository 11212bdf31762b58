import { type FetchedFile, fetchFiles } from '@clearmaps/datasets/fetch';
import { Argument, type Command } from 'commander';
import { FetchReporter } from '../fetch-reporter.ts';
import { modelCache, OFFICIAL_MODELS, type OfficialModelName } from '../official-models.ts';
import { OutputFolder } from '../output-folder.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';

interface FetchFlags {
  readonly out?: string;
  readonly baseUrl?: string;
  readonly json: boolean;
}

export function modelsCommand(program: Command, terminal: Terminal): void {
  program
    .command('models')
    .description('get trained models that are not ours to ship')
    .command('fetch')
    .description(
      'download the official files: checksums are verified, broken downloads go on where they stopped',
    )
    .addArgument(new Argument('<name>', 'which model').choices(Object.keys(OFFICIAL_MODELS)))
    .option('-o, --out <folder>', 'where the files go (default: the cache, where --model finds them by name)')
    .option('--base-url <url>', 'a mirror of your own instead of the official ones')
    .option('--json', 'print the files as JSON', false)
    .addHelpText(
      'after',
      `
The cache is ~/.cache/clearmaps, or where XDG_CACHE_HOME or CLEARMAPS_CACHE say.

Examples:
  clearmaps models fetch squeezenet1.1
  clearmaps models fetch vgg16 --out weights`,
    )
    .action((name: OfficialModelName, flags: FetchFlags) => fetchModel(name, flags, terminal));
}

async function fetchModel(name: OfficialModelName, flags: FetchFlags, terminal: Terminal): Promise<void> {
  const { sources } = OFFICIAL_MODELS[name];
  const folder = await OutputFolder.open(flags.out ?? modelCache(name));
  const reporter = new FetchReporter(terminal);
  const files: FetchedFile[] = [];
  try {
    for (const source of sources) {
      terminal.stderr.write(`${source.title} (${source.home})\n${source.terms}\n`);
      const fetched = await fetchFiles(source, folder.path, {
        ...(flags.baseUrl !== undefined && { baseUrl: flags.baseUrl }),
        signal: terminal.signal,
        onProgress: reporter.onProgress,
      });
      reporter.stop();
      files.push(...fetched);
    }
    if (flags.json) return printJson(terminal, { name, terms: sources.map(({ terms }) => terms), files });
    for (const { path, bytes, status } of files) printLine(terminal, `${path}: ${bytes} bytes, ${status}`);
  } finally {
    reporter.stop();
  }
}
