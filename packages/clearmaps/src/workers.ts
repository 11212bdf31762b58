import {
  type AsyncExplainOptions,
  DEFAULT_MEMORY_BUDGET,
  type Explanation,
  ExplanationBuilder,
  evenChunks,
  type LayerGraph,
} from '@clearmaps/deconvnet/graph';
import { checkOptionNames } from '@clearmaps/errors';
import type { Backend } from './backend.ts';
import type { Engine, EngineInput } from './engine.ts';
import { BackendError } from './errors.ts';
import { inWorker, type WorkerOptions } from './worker.ts';

export interface WorkersOptions extends WorkerOptions {
  /** At most; default: one a core, of more than two cores one less, which is the page's; 4 at most. */
  readonly workers?: number;
}

/** Backends of which a second one does not wait for the first. */
const ON_THE_PROCESSOR: readonly string[] = ['wasm', 'cpu'];
/** Of ten classes, more do little: each makes the forward pass, and memory is shared by all. */
const MOST_WORKERS = 4;
/** Each worker has a copy of the weights, and those that it goes back with. */
const MOST_WEIGHT_BYTES = 32 * 2 ** 20;

/**
 * Like `inWorker` of clearmaps/worker, with the classes of an explanation spread over several workers: each makes the
 * forward pass and goes back for its part of the classes. The answers are those of one worker, to the bit. Calls of
 * `predictChanges` that are made side by side go to a worker each.
 *
 * The first answers alone until it has answered once, so that nothing stands in the way of the first map, and goes on
 * alone where it runs on a GPU, where the weights take more than 32 MiB, and for what cannot be put together from
 * parts: `groups`, `others`, `onClasses`, `maps: false`.
 *
 * @param create makes a worker, each time another one
 */
export function inWorkers(create: () => Worker | MessagePort, options: WorkersOptions = {}): Backend {
  checkOptionNames('inWorkers', options, { workers: true, patience: true }, BackendError);
  const { workers = usualWorkers(), ...each } = options;
  const one = inWorker(create, each);
  return {
    name: one.name,
    async open(graph, onChange) {
      const first = await one.open(graph, onChange);
      const team: Engine[] = [first];
      let disposed = false;
      let lose!: (reason: string) => void;
      const lost = new Promise<string>((resolve) => {
        lose = resolve;
      });
      const join = (engine: Engine): void => void engine.lost!.then(lose);
      join(first);

      const hire = async (): Promise<void> => {
        const engine = await one.open(graph);
        if (disposed || engine.delegate?.name !== first.delegate?.name) return void engine.dispose();
        team.push(engine);
        join(engine);
      };
      /** Calls of `predictChanges` under way in each. */
      const underWay = new Map<Engine, number>();
      const idlest = (): Engine =>
        team.reduce((best, engine) =>
          (underWay.get(engine) ?? 0) < (underWay.get(best) ?? 0) ? engine : best,
        );
      let hired = false;
      const hireOthers = (): void => {
        if (hired || !ON_THE_PROCESSOR.includes(first.delegate!.name) || isHeavy(graph)) return;
        hired = true;
        for (let i = 1; i < workers; i++) {
          // The page has its answers without this one.
          hire().catch(() => {});
        }
      };

      return {
        ...first,
        lost,
        async explain(input, options) {
          const classes = divisible(first, options);
          if (!classes) return first.explain(input, options);
          if (team.length > 1) return explainTogether(team, input, classes, options);
          const explanation = await first.explain(input, options);
          hireOthers();
          return explanation;
        },
        get callsAtOnce() {
          // One that waits behind each, so that none has to wait for the page.
          return team.length === 1 ? 1 : 2 * team.length;
        },
        async predictChanges(image, windows, options) {
          const engine = idlest();
          underWay.set(engine, (underWay.get(engine) ?? 0) + 1);
          try {
            const prediction = await engine.predictChanges(image, windows, options);
            hireOthers();
            return prediction;
          } finally {
            underWay.set(engine, underWay.get(engine)! - 1);
          }
        },
        async dispose() {
          disposed = true;
          await Promise.all(team.map((engine) => engine.dispose()));
        },
      };
    },
  };
}

function usualWorkers(): number {
  const cores = navigator.hardwareConcurrency;
  return cores <= 2 ? cores : Math.min(MOST_WORKERS, cores - 1);
}

function isHeavy({ layers }: LayerGraph): boolean {
  let bytes = 0;
  for (const layer of layers) if ('kernel' in layer) bytes += layer.kernel.values.byteLength;
  return bytes > MOST_WEIGHT_BYTES;
}

/** The classes of an explanation that can be put together from parts. */
function divisible(
  { classCount }: Engine,
  { classes, groups, others, onClasses, maps = true }: AsyncExplainOptions = {},
): readonly number[] | undefined {
  if (groups || others || onClasses || !maps) return undefined;
  const all = classes ?? [...Array(classCount).keys()];
  // What is wrong with the whole may be right in its parts: one worker is asked, and says so.
  return Array.isArray(all) && all.length > 1 && new Set(all).size === all.length ? all : undefined;
}

async function explainTogether(
  team: readonly Engine[],
  input: EngineInput,
  classes: readonly number[],
  options: AsyncExplainOptions = {},
): Promise<Explanation> {
  const { onProgress, responses = false, memoryBudget = DEFAULT_MEMORY_BUDGET } = options;
  const parts = evenChunks([...classes.keys()], Math.ceil(classes.length / team.length));
  const done = parts.map(() => 0);
  const answers = await Promise.all(
    parts.map((positions, i) =>
      team[i]!.explain(input, {
        ...options,
        classes: positions.map((position) => classes[position]!),
        memoryBudget: memoryBudget / parts.length,
        ...(onProgress && {
          onProgress: (count: number) => {
            done[i] = count;
            const sum = done.reduce((a, b) => a + b);
            onProgress(sum, classes.length);
          },
        }),
      }),
    ),
  );
  const { shape, logits, probabilities, layers } = answers[0]!;
  const builder = new ExplanationBuilder({ shape, classes, maps: true, responses, layers });
  for (const [i, answer] of answers.entries()) {
    const passed = answer.layers?.map((layer) => layer.responses);
    builder.add({ maps: answer.maps, responses: answer.responses, layers: passed }, parts[i]!);
  }
  const switches = layers?.flatMap((layer) =>
    layer.switches ? [[layer.name, layer.switches] as const] : [],
  );
  return builder.finish({ logits, probabilities }, new Map(switches));
}
