/**
 * How the channels of a response become one number a pixel.
 *
 * - 'sum': the signed sum, the default
 * - 'max': the signed maximum
 * - 'l2': the Euclidean norm, never negative
 */
export type Reduction = 'sum' | 'max' | 'l2';

export const REDUCTIONS: readonly Reduction[] = ['sum', 'max', 'l2'];
export const DEFAULT_REDUCTION: Reduction = 'sum';
