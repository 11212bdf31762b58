import type { ChangedWindows } from './changed-windows.ts';

/** Of windows that the caller may write over while they are scored. */
export function ownCopy({ corners, values, ...size }: ChangedWindows): ChangedWindows {
  return { ...size, corners: corners.slice(), values: values.slice() };
}
