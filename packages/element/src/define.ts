import { ClearMapElement } from './clear-map-element.ts';

if (!customElements.get('clear-map')) customElements.define('clear-map', ClearMapElement);
