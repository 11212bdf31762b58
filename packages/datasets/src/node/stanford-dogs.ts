import { sourceOfBytes } from '../byte-source.ts';
import { breedName, chooseBreeds, PAPER_BREEDS } from '../dog-breeds.ts';
import { type ListedDog, readDogList, STANFORD_DOGS_HOME } from '../dog-list.ts';
import { DatasetError } from '../errors.ts';
import { type Box, readDogBoxes } from './dog-boxes.ts';
import { inflateWithZlib } from './file-source.ts';
import { type FileTree, openPart } from './file-tree.ts';

/** A picture that has not been read yet. */
export interface DogPicture {
  /** `n02085620-Chihuahua/n02085620_5927.jpg`. */
  readonly file: string;
  /** Index into `classNames`. */
  readonly label: number;
  /** The bytes of the JPEG file. @throws DatasetError */
  read(): Promise<Uint8Array>;
  /** The dogs of the picture, the largest first. @throws DatasetError, also where there is no `Annotation`. */
  boxes(): Promise<readonly Box[]>;
}

/** Stanford Dogs, opened: lists are read, pictures and boxes only when they are asked for. */
export interface StanfordDogs {
  /** Of the breeds chosen, in their order: `Japanese spaniel`. */
  readonly classNames: readonly string[];
  readonly train: readonly DogPicture[];
  /** undefined where there is no `test_list.mat`. */
  readonly test: readonly DogPicture[] | undefined;
  close(): Promise<void>;
}

export interface OpenStanfordDogsOptions {
  /** Folder names, ImageNet ids or breed names, or 'all'; default {@link PAPER_BREEDS}. */
  readonly breeds?: readonly string[] | 'all';
  /** While tar files are indexed, which takes a pass over 794 MB for all pictures. */
  readonly signal?: AbortSignal;
}

// The largest of the official pictures has some 2 MB.
const MOST = { picture: 64 << 20, annotation: 1 << 20, list: 64 << 20 };

/**
 * Opens Stanford Dogs (Khosla et al. 2011) in the official layout: `Images/`, `Annotation/` and `lists/` below one
 * folder, or `images.tar`, `annotation.tar` and `lists.tar`, read in place. `Annotation` may be missing as long as no
 * boxes are asked for, `test_list.mat` as long as `test` is not.
 *
 * @throws DatasetError for missing parts (it says where to get them), lists that are damaged, breeds that are not
 * there, and hostile tar files; the signal's reason once aborted.
 */
export async function openStanfordDogs(
  dir: string,
  { breeds = PAPER_BREEDS, signal }: OpenStanfordDogsOptions = {},
): Promise<StanfordDogs> {
  const opened: FileTree[] = [];
  const open = async (part: string): Promise<FileTree | undefined> => {
    const tree = await openPart(dir, part, signal);
    if (tree) opened.push(tree);
    return tree;
  };
  const close = async () => void (await Promise.all(opened.map((tree) => tree.close())));
  try {
    const lists = (await open('lists')) ?? missing(dir, 'lists');
    const images = (await open('Images')) ?? missing(dir, 'Images');
    const annotations = await open('Annotation');
    const train = await readList(lists, 'train_list.mat');
    const test = (await lists.has('test_list.mat')) ? await readList(lists, 'test_list.mat') : undefined;
    const folders = chooseBreeds([...new Set(train.map(({ breed }) => breed))], breeds);
    const pictureOf = ({ file, annotation, breed }: ListedDog): DogPicture => ({
      file,
      label: folders.indexOf(breed),
      read: () => images.read(file, MOST.picture),
      async boxes() {
        const { place, read } = annotations ?? missing(dir, 'Annotation');
        const xml = new TextDecoder().decode(await read(annotation, MOST.annotation));
        return readDogBoxes(xml, `${annotation} in ${place}`);
      },
    });
    const chosen = (list: readonly ListedDog[]) => list.map(pictureOf).filter(({ label }) => label >= 0);
    return {
      classNames: folders.map(breedName),
      train: chosen(train),
      test: test && chosen(test),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readList(lists: FileTree, name: string): Promise<readonly ListedDog[]> {
  const bytes = await lists.read(name, MOST.list);
  return readDogList({ ...sourceOfBytes(bytes, `${name} in ${lists.place}`), inflate: inflateWithZlib });
}

function missing(dir: string, part: string): never {
  throw new DatasetError({
    asked: `Stanford Dogs in ${dir}`,
    got: `no ${part}`,
    allowed: `the folder ${part}/ or the file ${part.toLowerCase()}.tar`,
    remedy: `clearmaps data fetch dogs --out ${dir} gets the tar files of ${STANFORD_DOGS_HOME}; they need no unpacking.`,
  });
}
