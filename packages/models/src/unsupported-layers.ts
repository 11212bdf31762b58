import { UnsupportedLayerError } from '@clearmaps/deconvnet/graph';

export interface LayerOfFile {
  readonly name: string;
  /** As the file calls it: `LSTM`, `Einsum`. */
  readonly type: string;
}

const MOST_NAMED = 20;

/** One error for all layers of a file whose types nobody has taught clearmaps; undefined where there are none. */
export function unsupportedLayers(
  layers: readonly LayerOfFile[],
  supported: readonly string[],
): UnsupportedLayerError | undefined {
  const unknown = layers.filter(({ type }) => !supported.includes(type));
  const [first] = unknown;
  if (!first) return undefined;
  const allowed = supported.join(', ');
  if (unknown.length === 1) {
    return new UnsupportedLayerError({ asked: `layer "${first.name}"`, got: `type ${first.type}`, allowed });
  }
  const named = unknown.slice(0, MOST_NAMED).map(({ name, type }) => `"${name}" (${type})`);
  const more = unknown.length - named.length;
  return new UnsupportedLayerError({
    asked: `${unknown.length} layers`,
    got: `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    allowed,
  });
}
