/**
 * The transposed steps one by one, on tensors, for engines that sweep in their own way (training does). Most
 * users want {@link createExplainer} of the package root.
 */
export { type AveragePoolBack, averagePoolBackward, prepareAveragePoolBack } from './average-pool.ts';
export { type ConvolveOptions, convolve } from './convolve.ts';
export { type Holding, KeptTensors } from './kept-tensors.ts';
export { pool } from './pool.ts';
export { type PoolPhases, preparePoolPhases, unpool } from './pool-phases.ts';
export { rectify, slopeOf } from './rectify.ts';
export { findSwitches } from './switches.ts';
export {
  prepareTransposedConv,
  type TransposedConv,
  transposedConv,
  transposedConvOfMaps,
  withoutDilation,
} from './transposed-conv.ts';
export {
  type AxisGeometry,
  type WindowGeometry,
  windowGeometry,
} from './window-geometry.ts';
