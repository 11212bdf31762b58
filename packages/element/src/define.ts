import { ClearMapElement } from './clear-map-element.ts';

// Brings the types of the element's name and event along.
export type { ClearMapElement };

if (!customElements.get('clear-map')) customElements.define('clear-map', ClearMapElement);
