import {
  denseSweepFlops,
  forwardFlops,
  GraphPlan,
  largestConvolution,
  layerFlops,
  sweepFlops,
} from '@clearmaps/deconvnet/graph';
import { printLine, type Terminal } from '../terminal.ts';
import type { BenchNet } from './nets.ts';
import { type BenchRow, ratio } from './row.ts';
import { NATIVE_IN_FLOAT64 } from './subject.ts';
import { benchTable, times } from './table.ts';

/** One net on all backends. */
export interface NetReport {
  readonly net: string;
  readonly title: string;
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Two a multiply-add, see `layerFlops` of @clearmaps/deconvnet/graph. */
  readonly flops: {
    readonly forward: number;
    /** A forward pass and a dense way back of every class. */
    readonly equalWork: number;
    /** What the engines on TensorFlow.js do of it; the native one sums the channels of the image on top. */
    readonly allClasses: number;
    readonly largestConvolution: { readonly layer: string; readonly flops: number } | undefined;
  };
  readonly rows: readonly BenchRow[];
  /** All classes, where both were measured. */
  readonly nativeOverWasm: number | undefined;
  /** Native with its forward pass in float64 over native, where both were measured. */
  readonly float64Over: { readonly forward?: number; readonly allClasses?: number } | undefined;
}

export function netReport({ name, title, graph }: BenchNet, rows: readonly BenchRow[]): NetReport {
  const plan = new GraphPlan(graph);
  const classes = plan.classCount;
  const forward = forwardFlops(plan);
  const largest = largestConvolution(plan);
  const rowOf = (name: string) => rows.find(({ backend }) => backend === name);
  const [wasm, native, float64] = ['wasm', 'native', NATIVE_IN_FLOAT64].map(rowOf);
  return {
    net: name,
    title,
    inputShape: graph.inputShape,
    classes,
    flops: {
      forward,
      equalWork: forward + classes * denseSweepFlops(plan),
      allClasses: forward + classes * sweepFlops(plan),
      largestConvolution: largest && { layer: largest.name, flops: layerFlops(plan, largest) },
    },
    rows,
    nativeOverWasm: ratio(wasm?.allClassesMs, native?.allClassesMs),
    float64Over: float64 && {
      forward: ratio(float64.forwardMs, native?.forwardMs),
      allClasses: ratio(float64.allClassesMs, native?.allClassesMs),
    },
  };
}

export function printNetReport(terminal: Terminal, report: NetReport): void {
  const { title, inputShape, classes, flops, rows, nativeOverWasm, float64Over } = report;
  const largest = flops.largestConvolution;
  const lines = [
    `${title}, ${inputShape.join('x')}, ${classes} classes`,
    `GFLOP: forward ${giga(flops.forward)}, equal work ${giga(flops.equalWork)}, done ${giga(flops.allClasses)}` +
      (largest ? `, largest convolution ${largest.layer} ${giga(largest.flops)}` : ''),
    ...benchTable(rows, classes),
    ...(nativeOverWasm === undefined ? [] : [`native is ${nativeOverWasm.toFixed(1)} x faster than wasm`]),
    ...(float64Over === undefined
      ? []
      : [
          `in float64 a forward pass takes ${times(float64Over.forward) ?? '?'} times as long as in float32, ${classes} classes ${times(float64Over.allClasses) ?? '?'} times`,
        ]),
    '',
  ];
  for (const line of lines) printLine(terminal, line);
}

function giga(flops: number): string {
  return (flops / 1e9).toPrecision(3);
}
