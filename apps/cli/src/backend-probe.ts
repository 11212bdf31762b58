/// <reference types="webgpu" />
import { availableParallelism } from 'node:os';
import { mnistNet } from '@clearmaps/models';
import { env } from '@tensorflow/tfjs-core';
import { type Verification, verifyGoldenCase } from 'clearmaps/verify';
import { chooseBackends } from './backends.ts';
import { readGoldenCases } from './golden-cases.ts';

/** What became of one backend on this machine. */
export interface BackendReport {
  readonly name: string;
  readonly runs: boolean;
  /** What it runs on; of one that does not run: why, and what to install. */
  readonly says: string;
  /** Where it was asked for and the backend runs: one a golden case. */
  readonly verified?: readonly Verification[];
  /** What kept one that runs from being verified. */
  readonly failed?: string;
}

/** What a backend that runs says of itself. */
const RUNS_ON: Readonly<Record<string, () => string | Promise<string>>> = {
  native: () => `onnxruntime-node, ${availableParallelism()} threads`,
  wasm: async () =>
    `WebAssembly ${(await env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'with' : 'without'} SIMD; more threads with --workers`,
  cpu: () => 'plain JavaScript, slow; more threads with --workers',
  webgpu: async () => {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    const { vendor, architecture, device, description } = adapter!.info;
    return [description || device, [vendor, architecture].filter(Boolean).join(' ')]
      .filter(Boolean)
      .join(', ');
  },
};

/** Why a backend that runs cannot be trusted; undefined where nothing speaks against it. */
export function failureOf({ verified = [], failed }: BackendReport): string | undefined {
  if (failed !== undefined) return failed;
  const wrong = verified.filter(({ passed }) => !passed).map(({ name }) => name);
  return wrong.length > 0
    ? `${wrong.length} of ${verified.length} known cases wrong: ${wrong.join(', ')}`
    : undefined;
}

/**
 * Explains something small on a backend, then, where asked to, golden cases. Never throws: what goes wrong is why
 * the backend does not run, or cannot be trusted.
 *
 * @param cases a folder of golden cases
 * @param onStep told what is known after each step
 */
export async function probeBackend(
  name: string,
  cases: string | undefined,
  onStep: (report: BackendReport) => void,
): Promise<BackendReport> {
  let known: BackendReport | undefined;
  try {
    const [backend] = chooseBackends({ backend: name });
    const engine = await backend!.open(mnistNet({ seed: 1 }));
    await engine.explain(new Float32Array(28 * 28).fill(0.5));
    await engine.dispose();
    known = { name, runs: true, says: await RUNS_ON[name]!() };
    onStep(known);
    for (const golden of cases === undefined ? [] : await readGoldenCases(cases)) {
      const verified: Verification[] = [...(known.verified ?? []), await verifyGoldenCase(golden, backend!)];
      known = { ...known, verified };
      onStep(known);
    }
    return known;
  } catch (error) {
    return brokenOff(name, known, error instanceof Error ? error.message : String(error));
  }
}

/** @param known what was known before */
export function brokenOff(name: string, known: BackendReport | undefined, why: string): BackendReport {
  return known ? { ...known, failed: why } : { name, runs: false, says: why };
}
