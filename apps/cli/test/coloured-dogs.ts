import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { matBytes } from '../../../packages/datasets/test/mat-bytes.ts';
import { temporaryFolder } from './run-cli.ts';

/**
 * A new folder laid out as Stanford Dogs: breeds that differ in colour, each picture in a shade and a size of its own.
 * There are no annotations.
 *
 * @param breeds colour by folder name, `n02085620-Chihuahua`
 * @param counts pictures a breed by list: `train_list`, `test_list`
 */
export async function colouredDogs(
  breeds: Readonly<Record<string, readonly [number, number, number]>>,
  counts: Readonly<Record<string, number>>,
): Promise<string> {
  const data = temporaryFolder();
  mkdirSync(join(data, 'lists'));
  for (const [list, count] of Object.entries(counts)) {
    const stems: string[] = [];
    for (const [breed, [r, g, b]] of Object.entries(breeds)) {
      for (let i = 0; i < count; i++) {
        const stem = `${breed}/${breed.slice(0, 9)}_${list}_${i}`;
        const shade = (value: number): number => Math.min(255, value + 7 * i);
        const background = { r: shade(r), g: shade(g), b: shade(b) };
        const path = join(data, 'Images', `${stem}.jpg`);
        mkdirSync(dirname(path), { recursive: true });
        await sharp({ create: { width: 30 + i, height: 40 - i, channels: 3, background } })
          .jpeg()
          .toFile(path);
        stems.push(stem);
      }
    }
    const shape = [stems.length, 1];
    const values = stems.map((_, i) => Math.floor(i / count) + 1);
    const parts = [
      { name: 'file_list', shape, texts: stems.map((stem) => `${stem}.jpg`) },
      { name: 'annotation_list', shape, texts: stems },
      { name: 'labels', mxClass: 6, shape, type: 2, values },
    ];
    writeFileSync(join(data, 'lists', `${list}.mat`), matBytes(parts));
  }
  return data;
}
