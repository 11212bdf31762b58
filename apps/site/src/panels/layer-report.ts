import { findFeatureMap, type LayerGraph, validateGraph } from '@clearmaps/deconvnet/graph';
import { createElement } from '../create-element.ts';

/** The layers of a net with the shapes of their outputs; the feature map, from which the way back starts, is marked. */
export function layerReport(model: LayerGraph): HTMLTableElement {
  const shapes = validateGraph(model);
  const { layer: featureMap } = findFeatureMap(model, shapes);
  const row = (cell: 'th' | 'td', texts: readonly string[]): HTMLTableRowElement =>
    createElement('tr', {}, ...texts.map((text) => createElement(cell, {}, text)));
  const rows = model.layers.map(({ name, type }) => {
    const line = row('td', [name, type, shapes.get(name)!.join(' × ')]);
    if (name === featureMap) line.classList.add('feature-map');
    return line;
  });
  const caption = `${model.layers.length} layers, input ${model.inputShape.join(' × ')}; the way back starts at ${featureMap}.`;
  return createElement(
    'table',
    {},
    createElement('caption', {}, caption),
    createElement('thead', {}, row('th', ['layer', 'type', 'output'])),
    createElement('tbody', {}, ...rows),
  );
}
