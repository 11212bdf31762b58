import { DatasetError } from './errors.ts';

/** The ten breeds of the paper's experiment (Kumar, Wong & Taylor 2017, Figs. 5-7), as Stanford Dogs names folders. */
export const PAPER_BREEDS: readonly string[] = [
  'n02085620-Chihuahua',
  'n02085782-Japanese_spaniel',
  'n02085936-Maltese_dog',
  'n02086079-Pekinese',
  'n02086240-Shih-Tzu',
  'n02086646-Blenheim_spaniel',
  'n02086910-papillon',
  'n02087046-toy_terrier',
  'n02087394-Rhodesian_ridgeback',
  'n02088094-Afghan_hound',
];

/** `n02085782-Japanese_spaniel` to `Japanese spaniel`. */
export function breedName(folder: string): string {
  return folder.slice(folder.indexOf('-') + 1).replaceAll('_', ' ');
}

/**
 * The folders of the breeds asked for, in the order asked.
 *
 * @param folders all that the data set has, such as `n02085782-Japanese_spaniel`
 * @param asked each a folder, its ImageNet id (`n02085782`) or its name in any case, with spaces or underscores;
 * 'all' takes every folder in alphabetical order
 * @throws DatasetError for a breed that is not there or comes twice, and fewer than two of them.
 */
export function chooseBreeds(folders: readonly string[], asked: readonly string[] | 'all'): string[] {
  const sorted = [...folders].sort();
  const chosen = asked === 'all' ? sorted : asked.map((breed) => folderOf(breed, sorted));
  const twice = chosen.find((folder, i) => chosen.indexOf(folder) !== i);
  if (twice === undefined && chosen.length >= 2) return chosen;
  throw new DatasetError({
    asked: 'breeds',
    got: twice === undefined ? `${chosen.length}` : `"${twice}" twice`,
    allowed: 'at least two, each once',
  });
}

function folderOf(breed: string, folders: readonly string[]): string {
  const wanted = plain(breed);
  const found = folders.find((folder) =>
    [folder, breedName(folder), folder.slice(0, folder.indexOf('-'))].some((name) => plain(name) === wanted),
  );
  if (found !== undefined) return found;
  const names = folders.map(breedName);
  throw new DatasetError({
    asked: `breed "${breed}"`,
    got: `none of that name among ${folders.length}`,
    allowed: `${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}; or "all"`,
  });
}

function plain(name: string): string {
  return name.trim().toLowerCase().replaceAll('_', ' ');
}
