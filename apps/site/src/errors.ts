import { ClearmapsError } from '@clearmaps/errors';

/** What a visitor gave the site cannot be used; the message says what would do. */
export class SiteError extends ClearmapsError {
  override readonly name = 'SiteError';
}

/** An error in words, without the name of its class. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
