import { ClearmapsError } from '@clearmaps/errors';

/** An argument that cannot be drawn: a wrong size, NaN, a class outside the palette, an unknown palette. */
export class ColormapError extends ClearmapsError {
  override readonly name = 'ColormapError';
}
