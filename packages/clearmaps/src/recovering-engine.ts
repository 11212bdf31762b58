import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { type ActiveBackend, type Backend, firstOf, type SkippedBackend } from './backend.ts';
import type { Engine } from './engine.ts';
import { BackendError } from './errors.ts';

/** An engine that runs, and what is known of its backend. */
interface Running {
  readonly engine: Engine;
  readonly place: number;
  readonly active: ActiveBackend;
  /** Set once the device is gone. */
  loss: string | undefined;
  /** Told of the loss: calls under way, which might otherwise wait for ever. */
  readonly waiting: Set<(loss: Error) => void>;
}

/**
 * Keeps a model running on the first backend of a list that serves. When a device is lost, its backend is rebuilt
 * once; a backend lost twice gives way to the next of the list.
 */
export class RecoveringEngine {
  private running: Promise<Running>;
  private current: ActiveBackend | undefined;
  private started: Engine | undefined;
  private readonly rebuilt = new Set<number>();
  private disposed = false;

  /** @throws BackendError when no backend of the list can serve. */
  static async open(
    graph: LayerGraph,
    backends: readonly Backend[],
    onChange?: (backend: ActiveBackend) => void,
  ): Promise<RecoveringEngine> {
    const engine = new RecoveringEngine(graph, backends, onChange);
    engine.current = (await engine.running).active;
    return engine;
  }

  private constructor(
    private readonly graph: LayerGraph,
    private readonly backends: readonly Backend[],
    private readonly onChange?: (backend: ActiveBackend) => void,
  ) {
    this.running = this.openFrom(0, []);
  }

  /** See {@link Engine.callsAtOnce}. */
  get callsAtOnce(): number {
    return this.started?.callsAtOnce ?? 1;
  }

  get backend(): ActiveBackend {
    return this.current!;
  }

  /**
   * Runs a call on the engine; once more on what comes next where the device is lost before it is done.
   *
   * @throws BackendError after dispose(), and when devices were lost until nothing of the list was left; whatever
   *   the call throws.
   */
  async run<T>(call: (engine: Engine) => Promise<T>): Promise<T> {
    for (;;) {
      this.checkAlive();
      const opened = this.running;
      const running = await opened;
      try {
        return await untilLost(running, call(running.engine));
      } catch (error) {
        // A call may fail before the loss behind the failure is told.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (running.loss === undefined) throw error;
        // The first of several calls that fail opens the next engine for all of them.
        if (this.running === opened && !this.disposed) this.running = this.recover(running);
      }
    }
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    const running = await this.running.catch(() => undefined);
    await running?.engine.dispose();
  }

  private async recover({ engine, place, active, loss }: Running): Promise<Running> {
    await discard(engine);
    const skipped = [...active.skipped, { name: this.backends[place]!.name, reason: `lost: ${loss}` }];
    const again = this.rebuilt.has(place) ? place + 1 : place;
    this.rebuilt.add(place);
    const next = await this.openFrom(again, skipped);
    this.changeTo(next.active);
    return next;
  }

  private changeTo(active: ActiveBackend): void {
    this.current = active;
    this.onChange?.(active);
  }

  private async openFrom(place: number, earlier: readonly SkippedBackend[]): Promise<Running> {
    let passed: readonly SkippedBackend[] = [];
    const { backend, started, skipped } = await firstOf(
      this.backends.slice(place),
      (candidate) =>
        candidate.open(this.graph, (delegate) => this.changeTo(activeOf(candidate.name, passed, delegate))),
      earlier,
    );
    passed = skipped;
    const { beside, delegate, lost } = started;
    this.started = started;
    const running: Running = {
      engine: started,
      place: this.backends.indexOf(backend, place),
      active: {
        ...activeOf(backend.name, skipped, delegate),
        ...(beside !== undefined && { beside }),
      },
      loss: undefined,
      waiting: new Set(),
    };
    void lost?.then((reason) => {
      running.loss = reason;
      for (const fail of running.waiting) fail(new Error(reason));
    });
    return running;
  }

  private checkAlive(): void {
    if (!this.disposed) return;
    throw new BackendError({ asked: `clearmaps for "${this.graph.name}"`, got: 'a call after dispose()' });
  }
}

/** What is said of a backend: where it has a list of its own, what runs of that. */
function activeOf(
  name: string,
  skipped: readonly SkippedBackend[],
  delegate: ActiveBackend | undefined,
): ActiveBackend {
  return { name: delegate?.name ?? name, skipped: [...skipped, ...(delegate?.skipped ?? [])] };
}

function untilLost<T>({ waiting }: Running, result: Promise<T>): Promise<T> {
  // No race with `engine.lost`: that promise would keep the outcome of every call as long as it lives.
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    result.then(resolve, reject).finally(() => waiting.delete(reject));
  });
}

async function discard(engine: Engine): Promise<void> {
  try {
    await engine.dispose();
  } catch {
    // Its device is gone: there is nothing left that could be freed.
  }
}
