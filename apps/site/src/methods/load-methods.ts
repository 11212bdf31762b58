import type { MethodName } from '@clearmaps/methods';
import { SiteError } from '../errors.ts';

export type EveryMethod = typeof import('./every-method.ts');

/** Those that a visit begins with: the page knows them by itself. */
export const FIRST_METHODS = ['linear', 'deconvnet', 'gradient', 'guided'] as const satisfies MethodName[];
export type FirstMethod = (typeof FIRST_METHODS)[number];

export function isFirstMethod(name: string): name is FirstMethod {
  return (FIRST_METHODS as readonly string[]).includes(name);
}

/** The table of all methods and what runs them, no part of a visit that looks at none but the first. @throws SiteError */
export async function loadMethods(): Promise<EveryMethod> {
  try {
    return await import('./every-method.ts');
  } catch (cause) {
    throw new SiteError({
      asked: 'more methods',
      got: 'no answer from where this page came from',
      remedy: 'Try again once there is a network.',
      cause,
    });
  }
}
