/**
 * What an engine needs besides arithmetic to score changed windows of an image: how far a change reaches, and which
 * variants differ. Apart from `graph`, so that a page that only explains does without.
 */
export { type ChangeBases, changeBases } from './change-bases.ts';
export { type ChangeGroup, ChangePlan, readKey, windowsOf, withoutPadding } from './change-plan.ts';
export { type ChangeBatch, ChangeScorer } from './change-scorer.ts';
export { changedImages } from './changed-windows.ts';
export { type Box, DifferentVariants, UNCHANGED } from './different-variants.ts';
export { ownCopy } from './own-copy.ts';
