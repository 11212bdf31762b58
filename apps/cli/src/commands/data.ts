import { fetchDataset, OFFICIAL_DATASETS, type OfficialDatasetName } from '@clearmaps/datasets/fetch';
import { Argument, type Command } from 'commander';
import { FetchReporter } from '../fetch-reporter.ts';
import { OutputFolder } from '../output-folder.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';

interface FetchFlags {
  readonly out?: string;
  readonly parts?: string;
  readonly baseUrl?: string;
  readonly json: boolean;
}

export function dataCommand(program: Command, terminal: Terminal): void {
  const names = Object.keys(OFFICIAL_DATASETS);
  program
    .command('data')
    .description('get the data sets of the paper')
    .command('fetch')
    .description(
      'download the official files: checksums are verified, broken downloads go on where they stopped',
    )
    .addArgument(new Argument('<name>', 'which data set').choices(names))
    .option('-o, --out <folder>', 'where the files go (default: data/<name>)')
    .option(
      '--parts <list>',
      `some of the parts: ${names.map((name) => `${name}: ${partsOf(name)}`).join('; ')}`,
    )
    .option('--base-url <url>', 'a mirror of your own instead of the official ones')
    .option('--json', 'print the files as JSON', false)
    .addHelpText(
      'after',
      `
Behind a firewall: download the files by any other way, put them into the folder, and run the command again; it
checks them and says which are missing.

Examples:
  clearmaps data fetch mnist
  clearmaps data fetch svhn --parts train,test,extra --out data/svhn`,
    )
    .action((name: OfficialDatasetName, flags: FetchFlags) => fetchData(name, flags, terminal));
}

async function fetchData(name: OfficialDatasetName, flags: FetchFlags, terminal: Terminal): Promise<void> {
  const { title, home, terms } = OFFICIAL_DATASETS[name];
  const say = (text: string): void => void terminal.stderr.write(`${text}\n`);
  say(`${title} (${home})`);
  say(terms);
  const folder = await OutputFolder.open(flags.out ?? `data/${name}`);
  const reporter = new FetchReporter(terminal);
  try {
    const files = await fetchDataset(name, folder.path, {
      ...(flags.parts !== undefined && { parts: flags.parts.split(',').map((part) => part.trim()) }),
      ...(flags.baseUrl !== undefined && { baseUrl: flags.baseUrl }),
      signal: terminal.signal,
      onProgress: reporter.onProgress,
    });
    reporter.stop();
    if (flags.json) return printJson(terminal, { name, terms, files });
    for (const { path, bytes, status } of files) printLine(terminal, `${path}: ${bytes} bytes, ${status}`);
  } finally {
    reporter.stop();
  }
}

function partsOf(name: string): string {
  const { files } = OFFICIAL_DATASETS[name as OfficialDatasetName];
  return [...new Set(files.map(({ part }) => part))].join(', ');
}
