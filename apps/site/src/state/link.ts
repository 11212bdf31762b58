import { paletteNames } from '@clearmaps/colormap';
import { SEEDS } from '@clearmaps/deconvnet/graph';
import { ELEMENT_VIEWS } from '@clearmaps/element';
import type { Picture } from '@clearmaps/models';
import { bytesOfBase64 } from '../bytes-of-base64.ts';
import { SiteError } from '../errors.ts';
import { FIRST_METHODS, isFirstMethod, loadMethods } from '../methods/load-methods.ts';
import { BACKENDS } from '../start-engine.ts';
import { type Choices, NETS, NO_SETTINGS, SCALES } from './site-state.ts';

/** Larger pictures are left out of a link: browsers and mail programs cut long ones off. */
const MOST_PICTURE_BYTES = 64 * 64 * 3;

const NAMED = {
  net: NETS,
  backend: BACKENDS,
  seed: SEEDS,
  view: ELEMENT_VIEWS,
  palette: paletteNames,
  scale: SCALES,
} as const;

/** The view as the fragment of an address, without `#`; the picture is in it where it is small. */
export async function toFragment(choices: Choices): Promise<string> {
  const fields = new URLSearchParams();
  for (const key of Object.keys(NAMED) as (keyof typeof NAMED)[]) fields.set(key, choices[key]);
  fields.set('method', choices.method);
  for (const [name, value] of Object.entries(choices.settings)) fields.append('set', `${name}=${value}`);
  fields.set('opacity', String(choices.opacity));
  for (const key of ['pinned', 'off'] as const) {
    if (choices[key].length > 0) fields.set(key, choices[key].join('.'));
  }
  if (choices.target !== undefined) fields.set('target', String(choices.target));
  const { picture } = choices;
  if (picture && picture.data.length <= MOST_PICTURE_BYTES) {
    const { height, width, channels } = picture;
    const packed = await through(new CompressionStream('deflate-raw'), picture.data, Infinity);
    fields.set('picture', [height, width, channels, toBase64(packed)].join('.'));
  }
  return fields.toString();
}

/**
 * What a fragment holds; what it does not hold is absent.
 *
 * @throws SiteError on names, numbers and pictures that no link of this site has.
 */
export async function fromFragment(fragment: string): Promise<Partial<Choices>> {
  const fields = new URLSearchParams(fragment);
  const choices: Record<string, unknown> = {};
  for (const [key, allowed] of Object.entries(NAMED)) {
    const value = fields.get(key);
    if (value === null) continue;
    if (!(allowed as readonly string[]).includes(value)) throw refuse(key, value, allowed.join(', '));
    choices[key] = value;
  }
  Object.assign(choices, await readMethod(fields));
  const opacity = fields.get('opacity');
  if (opacity !== null) {
    if (!(Number(opacity) >= 0 && Number(opacity) <= 1)) throw refuse('opacity', opacity, '0 to 1');
    choices.opacity = Number(opacity);
  }
  for (const key of ['pinned', 'off', 'target']) {
    const value = fields.get(key);
    if (value === null) continue;
    if (!/^\d{1,5}(\.\d{1,5}){0,99}$/.test(value)) throw refuse(key, value, 'class numbers');
    const classes = value.split('.').map(Number);
    choices[key] = key === 'target' ? classes[0] : classes;
  }
  const picture = fields.get('picture');
  if (picture !== null) choices.picture = await readPicture(picture);
  return choices as Partial<Choices>;
}

/** Links of before there were more than the four rules say `rule`. */
async function readMethod(fields: URLSearchParams): Promise<Partial<Choices>> {
  const rule = fields.get('rule');
  if (rule !== null && !isFirstMethod(rule)) throw refuse('rule', rule, FIRST_METHODS.join(', '));
  const method = fields.get('method') ?? rule;
  const told = fields.getAll('set');
  if (method === null) return {};
  if (isFirstMethod(method) && told.length === 0) return { method, settings: NO_SETTINGS };
  const { METHOD_NAMES, optionsOf, readSetting, startOf } = await loadMethods();
  const name = METHOD_NAMES.find((one) => one === method);
  if (name === undefined) throw refuse('method', method, METHOD_NAMES.join(', '));
  const settings = told.map((text) => {
    const setting = readSetting(name, text);
    if (setting === undefined) throw refuse('set', text, Object.keys(optionsOf(name)).join(', ') || 'none');
    return setting;
  });
  // A link of this site says its seed; one by hand may leave it to the method.
  return {
    method: name,
    settings: settings.length === 0 ? NO_SETTINGS : Object.fromEntries(settings),
    ...(!fields.has('seed') && { seed: startOf(name) }),
  };
}

async function readPicture(value: string): Promise<Picture> {
  const [height, width, channels] = value.split('.', 3).map(Number) as [number, number, 1 | 3 | 4];
  const size = height * width * channels;
  const whole = [height, width].every((side) => Number.isInteger(side) && side > 0);
  if (!whole || ![1, 3, 4].includes(channels) || size > MOST_PICTURE_BYTES) {
    throw refuse('picture', value, `at most ${MOST_PICTURE_BYTES} bytes`);
  }
  let data: Uint8Array;
  try {
    const packed = fromBase64(value.split('.').slice(3).join('.'));
    data = await through(new DecompressionStream('deflate-raw'), packed, size);
  } catch (cause) {
    throw refuse('picture', value, 'a picture that this site has packed', cause);
  }
  if (data.length !== size) throw refuse('picture', value, `${size} bytes`);
  return { data, height, width, channels };
}

function refuse(key: string, value: string, allowed: string, cause?: unknown): SiteError {
  return new SiteError({
    asked: `${key} of the link`,
    got: `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`,
    allowed,
    remedy: 'The link may have been cut off; ask for it again. The page has started without it.',
    cause,
  });
}

/** Stops once there are more than `most` bytes, whatever else the stream would give. */
async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array | Uint8ClampedArray,
  most: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const source = new Blob([Uint8Array.from(bytes)]).stream();
  const reader = source.pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    if (size > most) break;
  }
  await reader.cancel();
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** RFC 4648, section 5: safe in addresses. */
function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function fromBase64(text: string): Uint8Array {
  return bytesOfBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}
