/**
 * What the sweep starts from at class c's channel of the feature map z_L (every other channel is zero).
 *
 * - 'activation': z_L itself, signed: G_L^c z_L of CLEAR eq. 3 as written
 * - 'positive': max(z_L, 0): evidence for a class only
 * - 'unit': ones: what gradient tools start from
 */
export type Seed = 'activation' | 'positive' | 'unit';

export const SEEDS: readonly Seed[] = ['activation', 'positive', 'unit'];
export const DEFAULT_SEED: Seed = 'positive';
