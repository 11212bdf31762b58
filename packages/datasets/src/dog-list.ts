import type { ByteSource } from './byte-source.ts';
import { DatasetError } from './errors.ts';
import { readColumn } from './mat5-column.ts';
import { readTextCells } from './mat5-text-cells.ts';
import { listMatVariables, variableNamed } from './mat5-variables.ts';

/** Where Stanford Dogs comes from (Khosla, Jayadevaprakash, Yao & Fei-Fei 2011). */
export const STANFORD_DOGS_HOME = 'http://vision.stanford.edu/aditya86/ImageNetDogs/';

/** One row of `train_list.mat` or `test_list.mat`. */
export interface ListedDog {
  /** Below `Images`: `n02085620-Chihuahua/n02085620_5927.jpg`. */
  readonly file: string;
  /** Below `Annotation`: `n02085620-Chihuahua/n02085620_5927`. */
  readonly annotation: string;
  /** `n02085620-Chihuahua`. */
  readonly breed: string;
}

const LIST = {
  allowed: 'variables "file_list", "annotation_list" and "labels"',
  remedy: `Take train_list.mat and test_list.mat of lists.tar (${STANFORD_DOGS_HOME}).`,
};
const BREED = /^n\d{8}-[\p{L}\p{N}_-]+$/u;
const STEM = /^[\p{L}\p{N}_-]+$/u;

/**
 * Reads a list of Stanford Dogs: a level 5 MAT-file with cell arrays `file_list` and `annotation_list` of texts, and
 * `labels`, all [n, 1]. The folder of a picture is its breed; the labels are checked to say the same.
 *
 * @throws DatasetError for another kind of file, a truncated or corrupt one, names that lead out of their folder, and
 * labels that fit no breed.
 */
export async function readDogList(source: ByteSource): Promise<readonly ListedDog[]> {
  const variables = await listMatVariables(source);
  const variable = (name: string) => variableNamed(name, variables, source.name, LIST);
  const files = await readTextCells(variable('file_list'), `${source.name}: file_list`);
  const annotations = await readTextCells(variable('annotation_list'), `${source.name}: annotation_list`);
  const labels = await readColumn(variable('labels'), files.length, `${source.name}: labels`);
  if (annotations.length !== files.length) {
    throw new DatasetError({
      asked: `${source.name}: one annotation a picture`,
      got: `${files.length} pictures and ${annotations.length} annotations`,
      ...LIST,
    });
  }
  const breeds = new Map<number, string>();
  return files.map((file, i) => {
    const asked = `${source.name}: picture ${i}`;
    const [breed, stem] = pathParts(file.replace(/\.jpe?g$/i, ''), asked);
    const annotation = annotations[i]!;
    if (annotation !== `${breed}/${stem}`) {
      throw new DatasetError({ asked, got: `"${file}" with annotation "${annotation}"`, ...LIST });
    }
    const label = labels[i]!;
    const known = breeds.get(label);
    if (known !== undefined && known !== breed) {
      throw new DatasetError({ asked, got: `label ${label} for both ${known} and ${breed}`, ...LIST });
    }
    breeds.set(label, breed);
    return { file, annotation, breed };
  });
}

function pathParts(path: string, asked: string): readonly [breed: string, stem: string] {
  const [breed = '', stem = '', ...more] = path.split('/');
  if (BREED.test(breed) && STEM.test(stem) && more.length === 0) return [breed, stem];
  throw new DatasetError({
    asked,
    got: JSON.stringify(path.slice(0, 120)),
    allowed: 'a path such as n02085620-Chihuahua/n02085620_5927.jpg',
    remedy: LIST.remedy,
  });
}
