import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Rule } from '@clearmaps/deconvnet/graph';
import { UsageError } from './errors.ts';

/** The same place seen from src and from dist. */
const SCRIPT = fileURLToPath(new URL('../pytorch/responses.py', import.meta.url));

/** Of what the process writes on stderr, the end is kept. */
const KEPT_CHARACTERS = 2000;

/** One way to the responses of all classes in PyTorch. */
export interface PyTorchWay {
  readonly way: string;
  readonly title: string;
}

interface Greeting {
  readonly torch: string;
  readonly oneDnn: boolean;
  readonly ways: readonly PyTorchWay[];
}

export interface PyTorchOptions {
  /** The interpreter. */
  readonly python: string;
  /** With model.json, image.npy and responses.npy. */
  readonly folder: string;
  readonly rule: Rule;
  readonly signal: AbortSignal;
}

/** A net in a Python process of its own, which runs when it is asked to. */
export class PyTorchProcess {
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<string>;
  private readonly child: ChildProcessWithoutNullStreams;
  private greeting!: Greeting;

  private constructor(private readonly options: PyTorchOptions) {
    const { python, folder, rule, signal } = options;
    const args = [SCRIPT, folder, '--rule', String(rule), '--serve'];
    this.child = spawn(python, args, { signal, killSignal: 'SIGKILL' });
    let said = '';
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_CHARACTERS);
    });
    this.ended = new Promise((resolve) => {
      this.child.on('error', ({ message }) => resolve(message));
      this.child.on('close', (code, by) => resolve(said.trim() || `it ended (${by ?? `exit code ${code}`})`));
    });
    // That it cannot be written to any more is told by its end.
    this.child.stdin.on('error', () => undefined);
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws UsageError where the interpreter, PyTorch or a layer is missing; the signal's reason */
  static async open(options: PyTorchOptions): Promise<PyTorchProcess> {
    const process = new PyTorchProcess(options);
    try {
      process.greeting = await process.answer();
      return process;
    } catch (error) {
      process.close();
      throw error;
    }
  }

  /** Of PyTorch. */
  get version(): string {
    return this.greeting.torch;
  }

  /** Whether its convolutions are oneDNN's. */
  get oneDnn(): boolean {
    return this.greeting.oneDnn;
  }

  get ways(): readonly PyTorchWay[] {
    return this.greeting.ways;
  }

  /** Of the responses: |found - expected| / |expected|, Euclidean norms. */
  async difference(way: string): Promise<number> {
    return (await this.ask<{ difference: number }>(`${way} check`)).difference;
  }

  /** Milliseconds of one run, by the clock of the process. */
  async run(way: string, threads: number): Promise<number> {
    return (await this.ask<{ ms: number }>(`${way} ${threads}`)).ms;
  }

  close(): void {
    this.child.kill('SIGKILL');
  }

  private ask<T>(line: string): Promise<T> {
    this.child.stdin.write(`${line}\n`);
    return this.answer<T>();
  }

  private async answer<T>(): Promise<T> {
    const { value, done } = await this.lines.next();
    this.options.signal.throwIfAborted();
    const got = done ? await this.ended : value;
    try {
      if (!done) return JSON.parse(value) as T;
    } catch {
      // What is no JSON comes from some other program.
    }
    throw new UsageError({
      asked: `--against-pytorch ${this.options.python}`,
      got,
      allowed: 'a Python 3 with PyTorch and NumPy',
      remedy: 'Give the path of one, or `python3 -m pip install torch numpy`.',
    });
  }
}
