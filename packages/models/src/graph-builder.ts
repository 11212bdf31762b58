import {
  foldAffine,
  INPUT,
  type Layer,
  type LayerGraph,
  layerShape,
  type Preprocessing,
  type Shape,
  validateGraph,
} from '@clearmaps/deconvnet/graph';

import { ModelFileError } from './errors.ts';

type WithoutNames<L> = L extends Layer ? Omit<L, 'name' | 'inputs'> : never;
/** A layer before it has a name and inputs. */
export type LayerBody = WithoutNames<Layer>;

/** What the file does not say, or says otherwise. */
export interface ReadModelOptions {
  readonly name?: string;
  readonly classNames?: readonly string[];
  readonly preprocessing?: Preprocessing;
}

/** Grows a LayerGraph layer by layer and knows the shape of each as soon as it is added. */
export class GraphBuilder {
  private readonly layers: Layer[] = [];
  private readonly shapes = new Map<string, Shape>();
  private readonly taken: Set<string>;

  /** @param reserved names that layers still to come will ask for, so that none made up here takes them */
  constructor(
    private readonly inputShape: readonly [number, number, number],
    reserved: Iterable<string> = [],
  ) {
    checkSize('input', inputShape);
    this.shapes.set(INPUT, inputShape);
    this.taken = new Set([INPUT, ...reserved]);
  }

  /**
   * Adds a layer under this very name.
   *
   * @returns the name
   * @throws GraphError where its options, weights and inputs do not meet.
   * @throws ModelFileError where its output would be larger than any picture's.
   */
  add(body: LayerBody, name: string, inputs: readonly string[]): string {
    const shapes = inputs.map((input) => this.shape(input));
    const layer = { ...densified(body, shapes), name, inputs } as Layer;
    const shape = layerShape(layer, shapes);
    checkSize(`layer "${name}"`, shape);
    this.shapes.set(name, shape);
    this.layers.push(layer);
    this.taken.add(name);
    return name;
  }

  /** Adds layers one behind the other: the first is called `name`, those after it `<name>_<type>`. */
  chain(bodies: readonly LayerBody[], name: string, inputs: readonly string[]): string {
    let last = name;
    for (const [i, body] of bodies.entries()) {
      last = this.add(
        body,
        i === 0 ? name : this.freeName(`${name}_${body.type}`),
        i === 0 ? inputs : [last],
      );
    }
    return last;
  }

  /** The name, with a number behind it where it is taken. */
  freeName(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.taken.has(name); n++) name = `${wanted}_${n}`;
    this.taken.add(name);
    return name;
  }

  /** Of the output of a layer that has been added, or of the input. */
  shape(name: string): Shape {
    return this.shapes.get(name)!;
  }

  /** The checked graph, with each batch normalisation inside the layer before it where that is possible. */
  finish(about: { readonly name: string } & ReadModelOptions): LayerGraph {
    const { name, classNames, preprocessing } = about;
    const graph: LayerGraph = {
      name,
      inputShape: this.inputShape,
      layers: this.layers,
      ...(classNames && { classNames }),
      ...(preprocessing && { preprocessing }),
    };
    validateGraph(graph);
    return foldAffine(graph);
  }
}

/** An image of 1 GB; what is larger comes from a broken file. */
const MOST_VALUES = 2 ** 28;

function checkSize(asked: string, shape: Shape): void {
  const values = shape.reduce((a, b) => a * b, 1);
  if (values <= MOST_VALUES) return;
  throw new ModelFileError({
    asked: `${asked}: shape`,
    got: `[${shape.join(', ')}]`,
    allowed: `${MOST_VALUES} values at most`,
  });
}

/** After a global pool there is but one place, [C] here and [1, 1, C] elsewhere: a 1x1 convolution there is dense. */
function densified(body: LayerBody, [input]: readonly Shape[]): LayerBody {
  if (body.type !== 'conv2d' || input?.length !== 1 || (body.groups ?? 1) !== 1) return body;
  const [height, width, ...sizes] = body.kernel.shape;
  if (height !== 1 || width !== 1) return body;
  const { kernel, bias } = body;
  return { type: 'dense', kernel: { shape: sizes, values: kernel.values }, ...(bias && { bias }) };
}
