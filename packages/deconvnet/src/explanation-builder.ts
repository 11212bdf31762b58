import { ClassStack } from './class-stack.ts';
import { type Explanation, type LayerResponses, OTHERS, type Prediction } from './explanation.ts';

/** What a sweep gives of the rows it was asked for, as typed arrays; rows after these are padding. */
export interface Swept {
  /** [B, m, H, W]. */
  readonly maps: Float32Array;
  /** [B, m, H, W, C], where asked for. */
  readonly responses?: Float32Array;
  /** [B, m, h, w, c] of each layer asked for. */
  readonly layers?: readonly Float32Array[];
}

export interface BuilderOptions {
  /** [B, H, W, C]. */
  readonly shape: Explanation['shape'];
  /** What the rows stand for: class indices, or the numbers of groups. */
  readonly classes: readonly number[];
  readonly maps: boolean;
  readonly responses: boolean;
  /** Layers asked for. */
  readonly layers?: readonly Pick<LayerResponses, 'name' | 'shape'>[];
}

/**
 * Puts an explanation together from sweeps that come in any order and are not kept: the dominant maps are running
 * maxima, so that what it holds does not grow with the number of classes, but for the maps where these are wanted.
 */
export class ExplanationBuilder {
  private readonly pixels: number;
  private readonly maps: ClassStack | undefined;
  private readonly responses: ClassStack | undefined;
  private readonly layers: readonly ClassStack[];
  private readonly evidence: Float32Array;
  /** The row that leads at each pixel, -1 where none came yet, and its response: [B, P]. */
  private readonly leader: Int32Array;
  private readonly lead: Float32Array;
  private others: Float32Array | undefined;

  constructor(private readonly options: BuilderOptions) {
    const [images, height, width, channels] = options.shape;
    const rows = options.classes.length;
    this.pixels = height * width;
    this.maps = options.maps ? new ClassStack(images, rows, this.pixels) : undefined;
    this.responses = options.responses ? new ClassStack(images, rows, this.pixels * channels) : undefined;
    this.layers = (options.layers ?? []).map(
      ({ shape: [, h, w, c] }) => new ClassStack(images, rows, h * w * c),
    );
    this.evidence = new Float32Array(images * rows);
    this.leader = new Int32Array(images * this.pixels).fill(-1);
    this.lead = new Float32Array(images * this.pixels);
  }

  /** @param positions of the swept rows among the asked ones */
  add({ maps, responses, layers }: Swept, positions: readonly number[]): void {
    this.maps?.place(maps, positions);
    if (responses) this.responses?.place(responses, positions);
    for (const [k, stack] of this.layers.entries()) stack.place(layers![k]!, positions);
    const rows = this.options.classes.length;
    this.eachRow(maps, positions.length, (map, image, i) => {
      this.evidence[image * rows + positions[i]!] = positiveSum(map);
      this.challenge(image * this.pixels, positions[i]!, (pixel) => map[pixel]!);
    });
  }

  /** Rows whose responses are zero everywhere. */
  addSilent(positions: readonly number[]): void {
    if (positions.length === 0) return;
    const first = Math.min(...positions);
    for (let image = 0; image < this.options.shape[0]; image++) {
      this.challenge(image * this.pixels, first, () => 0);
    }
  }

  /** Rows that count as one: their maximum. */
  addOthers({ maps }: Swept, count: number): void {
    const most = this.othersSoFar();
    this.eachRow(maps, count, (map, image) => {
      const from = image * this.pixels;
      for (let pixel = 0; pixel < map.length; pixel++) {
        if (map[pixel]! > most[from + pixel]!) most[from + pixel] = map[pixel]!;
      }
    });
  }

  /** Others whose responses are zero everywhere. */
  addSilentOthers(): void {
    const most = this.othersSoFar();
    for (let at = 0; at < most.length; at++) most[at] = Math.max(most[at]!, 0);
  }

  /** @param switches of those of the layers that are max pools, by name */
  finish(scores: Prediction, switches: ReadonlyMap<string, Int32Array> = new Map()): Explanation {
    const { shape, classes, layers = [] } = this.options;
    const { lead: dominantResponse, others } = this;
    const dominantClass = this.leader.map((row) => classes[row]!);
    others?.forEach((response, at) => {
      if (!(response > dominantResponse[at]!)) return;
      dominantResponse[at] = response;
      dominantClass[at] = OTHERS;
    });
    return {
      shape,
      classes,
      ...scores,
      maps: this.maps?.values ?? new Float32Array(),
      evidence: this.evidence,
      dominantClass,
      dominantResponse,
      ...(this.responses && { responses: this.responses.values }),
      ...(others && { others }),
      ...(layers.length > 0 && {
        layers: layers.map((layer, k) => ({
          ...layer,
          responses: this.layers[k]!.values,
          ...(switches.has(layer.name) && { switches: switches.get(layer.name)! }),
        })),
      }),
    };
  }

  private othersSoFar(): Float32Array {
    this.others ??= new Float32Array(this.lead.length).fill(Number.NEGATIVE_INFINITY);
    return this.others;
  }

  private eachRow(
    maps: Float32Array,
    count: number,
    visit: (map: Float32Array, image: number, row: number) => void,
  ): void {
    const [images] = this.options.shape;
    const stride = maps.length / images;
    for (let image = 0; image < images; image++) {
      for (let row = 0; row < count; row++) {
        const from = image * stride + row * this.pixels;
        visit(maps.subarray(from, from + this.pixels), image, row);
      }
    }
  }

  /** Signed argmax (CLEAR eqs. 4 and 5): of rows that tie the first asked wins, in whichever order they come. */
  private challenge(from: number, row: number, response: (pixel: number) => number): void {
    const { leader, lead } = this;
    for (let pixel = 0; pixel < this.pixels; pixel++) {
      const at = from + pixel;
      const value = response(pixel);
      const wins = leader[at]! < 0 || value > lead[at]! || (value === lead[at]! && row < leader[at]!);
      if (!wins) continue;
      leader[at] = row;
      lead[at] = value;
    }
  }
}

function positiveSum(map: Float32Array): number {
  let sum = 0;
  for (const value of map) if (value > 0) sum += value;
  return sum;
}
