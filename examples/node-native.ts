/** CLEAR maps of many images, on native code: `node-native.ts FOLDER` writes one PNG an image. */
import { mkdir } from 'node:fs/promises';
import { imageAt } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { readBundledModel } from '@clearmaps/models/node';
import { createClearmaps, drawClearMap } from 'clearmaps';
import { native } from 'clearmaps/node';
import { writePictureFile } from 'clearmaps/picture-files';

const folder = process.argv[2] ?? 'maps';
await mkdir(folder, { recursive: true });

const digits = await readBundledMnist();
const cm = await createClearmaps({ model: await readBundledModel('mnist'), backends: [native()] });
for (const index of [0, 1500, 3000, 4500, 6000, 7500, 9000]) {
  const explanation = await cm.explain({ data: imageAt(digits, index), shape: [28, 28] });
  const decided = explanation.probabilities.indexOf(Math.max(...explanation.probabilities));
  await writePictureFile(`${folder}/digit-${index}.png`, drawClearMap(explanation));
  console.log(`digit ${index}: a ${digits.labels[index]}, taken for a ${decided}`);
}
await cm.dispose();
