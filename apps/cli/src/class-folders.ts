import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LabelledImages } from '@clearmaps/datasets';
import { readImageFolder } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { decodePicture, decodingFor } from './decode-picture.ts';
import { UsageError } from './errors.ts';

/** Whether the path is a folder of folders, with no data files beside them. */
export async function hasClassFolders(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  return (
    visible.some((entry) => entry.isDirectory()) &&
    !visible.some(({ name }) => /\.(mat|gz)$|ubyte$/i.test(name))
  );
}

export interface ClassFolderOptions {
  /** In label order, of which every folder must bear one; default the names of the folders. */
  readonly classNames?: readonly string[];
  /** Pictures that are read at most, of each class in turn. */
  readonly most?: number;
  readonly signal: AbortSignal;
}

/**
 * A folder with a folder of pictures a class, each picture brought to the size of a net's input as the net says.
 *
 * @throws DatasetError, UsageError where the folder, a picture or a class does not fit.
 */
export async function readClassFolders(
  path: string,
  net: Pick<LayerGraph, 'inputShape' | 'preprocessing'>,
  { classNames, most, signal }: ClassFolderOptions,
): Promise<LabelledImages> {
  const decoding = decodingFor(net);
  const { height, width } = decoding;
  const set = await readImageFolder(path, {
    height,
    width,
    channels: 3,
    decode: (file) => decodePicture(file, decoding),
    name: basename(path),
    ...(most !== undefined && { most }),
    signal,
  });
  if (classNames === undefined) return set;
  const places = set.classNames.map((name) => classNames.indexOf(name));
  const stranger = places.indexOf(-1);
  if (stranger >= 0) {
    throw new UsageError({
      asked: `class folders in ${path}`,
      got: `"${set.classNames[stranger]}"`,
      allowed: `the classes of the net: ${classNames.slice(0, 12).join(', ')}${classNames.length > 12 ? ', ...' : ''}`,
    });
  }
  return { ...set, labels: set.labels.map((label) => places[label]!), classNames };
}
