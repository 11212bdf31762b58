import { type LayerResponses, type MaxPoolLayer, windowGeometry } from '@clearmaps/deconvnet/graph';
import { byId } from '../create-element.ts';
import {
  allWindows,
  type ChannelSwitches,
  drawSwitchArrows,
  drawSwitchPlane,
  strongestRegion,
} from './draw-switches.ts';
import { channelOf } from './response-channels.ts';

/** Windows to a side up to which all arrows are drawn; of more, those round the strongest response. */
const MOST_WINDOWS = 16;
const CLOSE_UP = 10;

/** The figure of a pool's switches in one channel. @param inputShape [h, w, c] of what the pool received */
export function showSwitches(
  layer: MaxPoolLayer,
  inputShape: readonly [number, number, number],
  { shape, responses, switches }: LayerResponses,
  channel: number,
): void {
  const channels = shape[3];
  const drawn: ChannelSwitches = {
    geometry: windowGeometry(inputShape, layer.poolSize, layer.strides, [1, 1], layer.padding),
    places: channelOf(switches!, channels, channel),
    responses: channelOf(responses, channels, channel),
  };
  const { y, x } = drawn.geometry;
  const all = Math.max(y.output, x.output) <= MOST_WINDOWS;
  const { row, column, rows, columns } = all ? allWindows(drawn) : strongestRegion(drawn, CLOSE_UP);
  const loud = drawn.responses.filter((value) => value !== 0).length;
  const counts = `${drawn.responses.length.toLocaleString('en')} windows, ${loud.toLocaleString('en')} with a response`;
  const name = `Switches of ${layer.name}, channel ${channel}`;

  const arrows = byId<HTMLCanvasElement>('switch-arrows');
  drawSwitchArrows(arrows, drawn, { row, column, rows, columns });
  const some = `${columns} by ${rows} of them, from column ${column} and row ${row}`;
  arrows.ariaLabel = `${name}: ${counts}${all ? '' : `; ${some}`}`;
  const plane = byId<HTMLCanvasElement>('switch-map');
  plane.hidden = all;
  if (!all) {
    drawSwitchPlane(plane, drawn);
    plane.ariaLabel = `${name}, in the whole map: ${counts}`;
  }
  byId('switch-text').textContent = [
    `The switches in channel ${channel}: ${counts}. An arrow leads from the middle of each window to the place of its`,
    'maximum: there the response goes. Grey dots are switches that nothing comes back through.',
    ...(all
      ? []
      : [
          `First the whole map, ${x.input}×${y.input} places, then the windows round the strongest response.`,
        ]),
  ].join(' ');
}
