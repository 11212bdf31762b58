import type { LayerGraph } from '@clearmaps/deconvnet';
import {
  createMethod,
  METHOD_NAMES,
  METHODS,
  type MethodExplainer,
  type MethodName,
} from '@clearmaps/methods';
import type { Clearmaps } from 'clearmaps';
import { type Command, Option } from 'commander';
import { type BackendChoice, openChosen } from './backends.ts';
import { UsageError } from './errors.ts';
import { networkInput, referenceSet } from './reference-images.ts';
import type { Terminal } from './terminal.ts';
import { toldFlag } from './told-flag.ts';

export interface MethodFlags extends BackendChoice {
  readonly model: string;
  readonly method?: MethodName;
  readonly set: string[];
  readonly data?: string;
}

/** `--method`, `--set`. */
export function addMethodOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--method <name>',
        'another way to the responses than --rule: see `clearmaps methods`',
      ).choices([...METHOD_NAMES]),
    )
    .option(
      '--set <option=value>',
      "one of the method's options; may be repeated",
      (setting: string, earlier: string[]) => [...earlier, setting],
      [],
    );
}

/**
 * @param sweepOnly options that the sweep has and methods have not: `--rule`
 * @throws UsageError for one of these beside `--method`, or `--set` without it
 */
export function checkMethodFlags(
  { method, set }: Pick<MethodFlags, 'method' | 'set'>,
  command: Command,
  sweepOnly: readonly string[],
): void {
  if (method === undefined) {
    if (set.length === 0) return;
    throw new UsageError({ asked: '--set', got: 'no --method', remedy: 'It sets an option of a method.' });
  }
  const clash = toldFlag(command, sweepOnly);
  if (clash === undefined) return;
  throw new UsageError({
    asked: `--method ${method}`,
    got: `${clash} beside it`,
    remedy: 'That is for the sweep; the rules are methods too: --method guided --set seed=unit.',
  });
}

/**
 * A net on the chosen backend, explained by a method where one was asked for.
 *
 * @param threads see {@link openChosen}
 * @throws UsageError, BackendError, GraphError, MethodError, DatasetError
 */
export async function openExplained(
  graph: LayerGraph,
  flags: MethodFlags,
  terminal: Terminal,
  threads?: number,
): Promise<Clearmaps> {
  const cm = await openChosen(graph, flags, threads);
  if (flags.method === undefined) return cm;
  try {
    return explainedBy(await openMethod(flags.method, cm, flags, terminal), cm);
  } catch (error) {
    await cm.dispose();
    throw error;
  }
}

/** The same net, explained by a method. */
function explainedBy(method: MethodExplainer, cm: Clearmaps): Clearmaps {
  return {
    ...cm,
    explain: (image, options) => method.explain(image as Float32Array, options),
    async dispose() {
      await method.dispose();
      await cm.dispose();
    },
  };
}

/** `steps=100` as what a method takes. Names and values are the method's to check. @throws UsageError */
export function parseSettings(
  method: MethodName,
  settings: readonly string[],
): Record<string, number | string> {
  const table: Readonly<Record<string, { readonly kind: string }>> = METHODS[method].options;
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, value] = /^([^=]+)=(.+)$/.exec(setting) ?? [];
      if (name === undefined || value === undefined) {
        throw new UsageError({ asked: '--set', got: `"${setting}"`, allowed: 'option=value' });
      }
      const number = Number(value);
      // What is no number goes on as it was typed: the method's refusal shows it.
      return [name, table[name]?.kind === 'number' && !Number.isNaN(number) ? number : value];
    }),
  );
}

/** How many threads are of use for so many images: of most methods one an image. */
export function usefulThreads(asked: number, images: number, method: MethodName | undefined): number {
  return fillsThreads(method) ? asked : Math.min(asked, images);
}

/**
 * How many images go side by side: one, where its windows fill the threads. An engine keeps the maps that windows
 * change of the image asked for last, and would compute them anew at each turn.
 */
export function imagesAtOnce(threads: number, method: MethodName | undefined): number {
  return fillsThreads(method) ? 1 : threads;
}

function fillsThreads(method: MethodName | undefined): boolean {
  return method !== undefined && 'callsSideBySide' in METHODS[method];
}

/** Prepares a method on the backend that runs the net. @throws UsageError, MethodError, DatasetError */
export async function openMethod(
  method: MethodName,
  cm: Clearmaps,
  flags: Omit<MethodFlags, 'method'>,
  terminal: Terminal,
): Promise<MethodExplainer> {
  const graph = cm.model;
  const reference =
    'needsReference' in METHODS[method]
      ? networkInput(
          graph,
          await referenceSet(graph, { ...flags, why: `--method ${method}` }, terminal.signal),
        )
      : undefined;
  return createMethod({
    method,
    graph,
    engine: cm,
    open: (part) => openChosen(part, flags),
    options: parseSettings(method, flags.set),
    reference,
    signal: terminal.signal,
  });
}
