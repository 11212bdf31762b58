/**
 * Your own colours, from the arrays alone: `own-compositing.ts FILE.png` paints what speaks for even digits blue and
 * for odd ones orange, over the digit in grey.
 */
import { createRaster, enlarge } from '@clearmaps/colormap';
import { imageAt } from '@clearmaps/datasets';
import { readBundledMnist } from '@clearmaps/datasets/node';
import { readBundledModel } from '@clearmaps/models/node';
import { createClearmaps } from 'clearmaps';
import { writePictureFile } from 'clearmaps/picture-files';
import { wasm } from 'clearmaps/wasm';

const EVEN = [64, 160, 255] as const;
const ODD = [255, 144, 32] as const;

const pixels = imageAt(await readBundledMnist(), 8000);
const cm = await createClearmaps({ model: await readBundledModel('mnist'), backends: [wasm()] });
const { dominantClass, dominantResponse } = await cm.explain({ data: pixels, shape: [28, 28] });
await cm.dispose();

const strongest = Math.max(...dominantResponse);
const picture = createRaster(28, 28);
for (let i = 0; i < pixels.length; i++) {
  const strength = Math.max(0, dominantResponse[i]! / strongest);
  const colour = dominantClass[i]! % 2 === 0 ? EVEN : ODD;
  for (let c = 0; c < 3; c++) {
    picture.data[4 * i + c] = (1 - strength) * (pixels[i]! / 3) + strength * colour[c]!;
  }
}
await writePictureFile(process.argv[2] ?? 'even-and-odd.png', enlarge(picture, 10));
