import { digits, houseNumbers } from 'virtual:samples';
import type { Picture } from '@clearmaps/models';
import type { Sample } from '../../build/samples.ts';
import { bytesOfBase64 } from '../bytes-of-base64.ts';
import { byId, createElement } from '../create-element.ts';
import { rasterOf } from '../session.ts';
import type { SiteStore } from '../state/site-state.ts';

/** As many as there are classes are decided right; the bundled nets get the rest wrong. */
const RIGHT = 10;

/** Pictures to begin with; a press takes one. */
export function showSamples(store: SiteStore, take: (picture: Picture) => void): void {
  store.watch(['net'], ({ net }) => {
    byId('samples').hidden = net === 'own';
    const samples = net === 'mnist' ? digits : houseNumbers;
    const buttons = samples.map((sample, i) =>
      sampleButton(sample, i < RIGHT, net === 'mnist' ? 1 : 3, take),
    );
    byId('samples-right').replaceChildren(...buttons.slice(0, RIGHT));
    byId('samples-wrong').replaceChildren(...buttons.slice(RIGHT));
    byId('samples-note').textContent =
      net === 'mnist'
        ? 'Real digits of MNIST. The network had not seen the first ten; it gets the last six wrong.'
        : 'House numbers drawn by this project, no photographs; the network gets the last four wrong. It learnt from crops of SVHN, too, and is for non-commercial use only, as they are.';
  });
}

function sampleButton(
  { bytes, label }: Sample,
  right: boolean,
  channels: 1 | 3,
  take: (picture: Picture) => void,
) {
  const data = bytesOfBase64(bytes);
  const side = Math.sqrt(data.length / channels);
  const picture: Picture = { data, width: side, height: side, channels };
  const raster = rasterOf(picture);
  const canvas = createElement('canvas', { width: side, height: side });
  canvas.getContext('2d')!.putImageData(new ImageData(raster.data, side), 0, 0);
  const name = right ? `A ${label}` : `A ${label} that it takes for something else`;
  const button = createElement(
    'button',
    { type: 'button', class: 'sample', title: name, ariaLabel: name },
    canvas,
  );
  button.addEventListener('click', () => take(picture));
  return button;
}
