import type { PaletteName, Raster } from '@clearmaps/colormap';
import { firstName } from '@clearmaps/colormap';
import { DEFAULT_RULE, DEFAULT_SEED, type LayerGraph, type Seed } from '@clearmaps/deconvnet/graph';
import type { ElementView, PixelPlace } from '@clearmaps/element';
import type { MethodExplanation, MethodName } from '@clearmaps/methods';
import type { Picture } from '@clearmaps/models';
import type { ActiveBackend } from 'clearmaps';
import type { OwnModel } from '../input/read-model.ts';
import type { BackendChoice } from '../start-engine.ts';
import type { Store } from './store.ts';

export const NETS = ['mnist', 'svhn', 'own'] as const;
export type NetName = (typeof NETS)[number];

export const SCALES = ['max', 'percentile', 'per-class', 'fixed'] as const;
export type ScaleName = (typeof SCALES)[number];

/** Options of a method that are not left at what they are unless told. */
export type Settings = Readonly<Record<string, number | string>>;

/** What a link restores. */
export interface Choices {
  readonly net: NetName;
  readonly backend: BackendChoice;
  readonly method: MethodName;
  readonly settings: Settings;
  /** Of methods that are one way back from it. */
  readonly seed: Seed;
  readonly view: ElementView;
  readonly palette: PaletteName;
  readonly scale: ScaleName;
  /** Of the overlay, 0..1. */
  readonly opacity: number;
  readonly pinned: readonly number[];
  readonly off: readonly number[];
  /** The class that heatmap, binary and response map speak for; the most probable one where absent. */
  readonly target?: number;
  /** At the size of the net's input. */
  readonly picture?: Picture;
}

/** What is asked of a picture: another answer for each. */
export const ASKED = ['method', 'settings', 'seed', 'backend', 'page', 'alsoAsked'] as const;
export type Asked = Pick<SiteState, (typeof ASKED)[number]>;

/** One answer, with all that was asked. */
export interface Explained {
  readonly asked: Asked;
  readonly explanation: MethodExplanation;
  readonly model: LayerGraph;
  readonly picture: Picture;
  readonly raster: Raster;
  readonly backend: ActiveBackend;
  /** From asking to answer. */
  readonly milliseconds: number;
}

export interface SiteState extends Choices {
  readonly model?: LayerGraph;
  readonly explained?: Explained;
  /** Full strength under the scale 'fixed': that of the picture on which it was chosen. */
  readonly fixedStrength?: number;
  readonly solo?: number;
  readonly cursor?: PixelPlace;
  /** Of the classes of a net of many, by falling score; 0 holds the likeliest. */
  readonly page: number;
  /** Classes that are asked for beside those of the page. */
  readonly alsoAsked: readonly number[];
  /** While an explanation takes long: how far it has come, 0..1. */
  readonly working?: { readonly share: number; readonly stop: () => void };
  /** The visitor's own network, once there is one: it is there again when the tab is. */
  readonly ownModel?: OwnModel;
  readonly problem?: string;
}

export type SiteStore = Store<SiteState>;

/** Small maps are shown as they are. */
export const DIGIT_LOOKS = { scale: 'max', view: 'clear' } as const;
/** Large maps have spikes, and say more where the picture shines through. */
export const PHOTO_LOOKS = { scale: 'percentile', view: 'overlay' } as const;

/** Always the same: what has not changed is not explained again. */
export const NO_SETTINGS: Settings = {};

export const INITIAL: SiteState = {
  net: 'mnist',
  backend: 'auto',
  method: DEFAULT_RULE,
  settings: NO_SETTINGS,
  seed: DEFAULT_SEED,
  ...DIGIT_LOOKS,
  palette: 'hues',
  opacity: 0.9,
  pinned: [],
  off: [],
  page: 0,
  alsoAsked: [],
};

/** What a new network or a new model starts with. */
export const FRESH: Partial<SiteState> = {
  model: undefined,
  picture: undefined,
  explained: undefined,
  cursor: undefined,
  target: undefined,
  problem: undefined,
  pinned: [],
  off: [],
  page: 0,
  alsoAsked: [],
};

export function askedOf(state: Asked): Asked {
  const { method, settings, seed, backend, page, alsoAsked } = state;
  return { method, settings, seed, backend, page, alsoAsked };
}

export function sameMethod(
  one: Pick<Choices, 'method' | 'settings'>,
  other: Pick<Choices, 'method' | 'settings'>,
): boolean {
  return one.method === other.method && one.settings === other.settings;
}

/** Whether what is shown is the answer to what is asked now. */
export function isAnswered(state: SiteState): boolean {
  const { explained, model, picture } = state;
  return (
    explained !== undefined &&
    explained.model === model &&
    explained.picture === picture &&
    ASKED.every((key) => explained.asked[key] === state[key])
  );
}

/** The name of a class, or its number where the model has none. */
export function className({ classNames }: LayerGraph, index: number): string {
  return classNames?.[index] ?? String(index);
}

/** The same, without its synonyms. */
export function shortName(model: LayerGraph, index: number): string {
  return firstName(className(model, index));
}

/** The class that single-class views speak for: the one chosen, or else the likeliest. */
export function targetOf({ explained, target }: SiteState): number | undefined {
  if (!explained) return undefined;
  const { classes, probabilities } = explained.explanation;
  return target !== undefined && classes.includes(target) ? target : likeliest(probabilities);
}

/** Index of the largest probability. */
export function likeliest(probabilities: Float32Array): number {
  return probabilities.reduce((best, p, c) => (p > probabilities[best]! ? c : best), 0);
}
