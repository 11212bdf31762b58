import type { InferenceSession } from 'onnxruntime-node';
import { MissingRuntimeError } from './errors.ts';

/** A tensor on its way in or out of a session. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

/** One compiled graph. */
export interface Session {
  /** @returns the outputs by name; rejects where the runtime fails */
  run(inputs: Readonly<Record<string, Values>>): Promise<ReadonlyMap<string, Values>>;
  release(): Promise<void>;
}

export interface Runtime {
  /** @param model the bytes of an .onnx file */
  open(model: Uint8Array, options?: OpenOptions): Promise<Session>;
}

export interface OpenOptions {
  /**
   * Whether inputs come in ever other sizes: then no layout of memory is planned for each, which takes longer than it
   * saves (half as long again, of the first prediction difference analysis of an engine).
   */
  readonly manySizes?: boolean;
}

/**
 * Loads onnxruntime-node: the only file that knows it. It is an optional peer, so it is imported when it is needed
 * and not before.
 *
 * @param threads of each session
 * @throws MissingRuntimeError where it is not there
 */
export async function loadRuntime(threads: number): Promise<Runtime> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node').catch((cause: unknown) => {
    throw new MissingRuntimeError({
      asked: 'the native engine',
      got: `no onnxruntime-node that runs on ${process.platform}-${process.arch}`,
      remedy: 'Install it with `npm i onnxruntime-node`, or choose another backend.',
      cause,
    });
  });
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    // Warnings about weights that only the way back reads; errors are thrown.
    logSeverityLevel: 3,
  };
  return {
    async open(model, { manySizes = false } = {}) {
      const session = await InferenceSession.create(model, { ...options, enableMemPattern: !manySizes });
      return {
        async run(inputs) {
          const feeds = Object.fromEntries(
            Object.entries(inputs).map(([name, { data, shape }]) => {
              if (data instanceof Float32Array) return [name, new Tensor('float32', data, shape)];
              if (data instanceof Int32Array) return [name, new Tensor('int32', data, shape)];
              return [name, new Tensor('int64', data, shape)];
            }),
          );
          const outputs = await session.run(feeds);
          return new Map(
            Object.entries(outputs).map(([name, { data, dims }]) => [
              name,
              { data: data as Float32Array, shape: dims },
            ]),
          );
        },
        release: () => session.release(),
      };
    },
  };
}
