import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { graphFromLayersModel } from '@clearmaps/models';
import mnistModel from '@clearmaps/models/weights/mnist/model.json?url';
import mnistWeights from '@clearmaps/models/weights/mnist/weights.bin?url';
import svhnModel from '@clearmaps/models/weights/svhn/model.json?url';
import svhnWeights from '@clearmaps/models/weights/svhn/weights.bin?url';
import { fetchBytes } from './input/fetch-bytes.ts';

const ADDRESSES = {
  mnist: [mnistModel, mnistWeights],
  svhn: [svhnModel, svhnWeights],
} as const;

const loaded = new Map<string, Promise<LayerGraph>>();

/** A net that comes with the site, loaded once. @throws SiteError where it cannot be had. */
export function bundledNet(name: keyof typeof ADDRESSES): Promise<LayerGraph> {
  const known = loaded.get(name) ?? load(name);
  loaded.set(name, known);
  // What failed, without a network say, is tried again the next time.
  known.catch(() => loaded.delete(name));
  return known;
}

async function load(name: keyof typeof ADDRESSES): Promise<LayerGraph> {
  const [json, weightData] = await Promise.all(ADDRESSES[name].map(fetchBytes));
  return graphFromLayersModel({ ...JSON.parse(new TextDecoder().decode(json)), weightData }, { name });
}
