/** One channel of a response, or several added up. */
export interface ChannelMap {
  /** [h*w] */
  readonly map: Float32Array;
  /** Of all |response| at this layer, 0..1. */
  readonly share: number;
}

export interface StrongChannel extends ChannelMap {
  readonly channel: number;
}

/** The channels `from` to `to` (without it) added up; all of them unless told. @param values [h*w, channels] */
export function channelSum(values: Float32Array, channels: number, from = 0, to = channels): ChannelMap {
  const map = new Float32Array(values.length / channels);
  let [inside, all] = [0, 0];
  for (let place = 0, i = 0; place < map.length; place++) {
    for (let c = 0; c < channels; c++, i++) {
      const value = values[i]!;
      all += Math.abs(value);
      if (c < from || c >= to) continue;
      inside += Math.abs(value);
      map[place]! += value;
    }
  }
  return { map, share: all === 0 ? 0 : inside / all };
}

/** Those that carry most of |response|, the strongest first; channels without any are left out. */
export function strongestChannels(values: Float32Array, channels: number, most: number): StrongChannel[] {
  const strength = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) strength[i % channels]! += Math.abs(values[i]!);
  const all = strength.reduce((sum, value) => sum + value, 0);
  return [...strength.keys()]
    .filter((channel) => strength[channel]! > 0)
    .sort((a, b) => strength[b]! - strength[a]! || a - b)
    .slice(0, most)
    .map((channel) => ({
      channel,
      map: channelOf(values, channels, channel),
      share: strength[channel]! / all,
    }));
}

/** One channel, [h*w]. */
export function channelOf<T extends Float32Array | Int32Array>(
  values: T,
  channels: number,
  channel: number,
): T {
  const places = values.length / channels;
  const map = new (values.constructor as new (length: number) => T)(places);
  for (let place = 0; place < places; place++) map[place] = values[place * channels + channel]!;
  return map;
}
