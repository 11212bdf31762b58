import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { ImageError } from '../src/index.ts';
import { readPictureFile, writePictureFile } from '../src/picture-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'clearmaps-pictures-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const raster = {
  width: 3,
  height: 2,
  data: Uint8ClampedArray.from({ length: 24 }, (_, i) => (i % 4 === 3 ? 255 : i * 10)),
};

describe('a picture file', () => {
  test('holds the pixels that were written', async () => {
    await writePictureFile(at('map.png'), raster);
    const { data, ...size } = await readPictureFile(at('map.png'));
    expect(size).toEqual({ width: 3, height: 2, channels: 4 });
    expect([...data]).toEqual([...raster.data]);
  });

  test('is read as 8-bit RGBA, whatever it is', async () => {
    const gray = sharp(Uint8Array.from([0, 128, 255, 64]), { raw: { width: 2, height: 2, channels: 1 } });
    await gray.clone().toColourspace('grey16').png().toFile(at('gray.png'));
    const { data } = await readPictureFile(at('gray.png'));
    expect([...data]).toEqual([0, 128, 255, 64].flatMap((v) => [v, v, v, 255]));
  });

  test('is turned upright', async () => {
    await sharp(raster.data, { raw: { width: 3, height: 2, channels: 4 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toFile(at('turned.png'));
    expect(await readPictureFile(at('turned.png'))).toMatchObject({ width: 2, height: 3 });
  });

  test.each([
    ['missing', undefined, /picture .*missing\.png: got no such file or folder/],
    ['empty', '', /picture .*empty\.png: got an empty file \(0 bytes\)/],
    ['text', 'no picture at all', /unsupported image format/],
    ['huge', '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>', /pixel limit/],
  ])('that is %s is refused by name', async (name, content, message) => {
    const path = at(`${name}.png`);
    if (content !== undefined) writeFileSync(path, content);
    const failure = readPictureFile(path);
    await expect(failure).rejects.toThrow(ImageError);
    await expect(failure).rejects.toThrow(message);
  });

  test('is not written under the name of another kind', async () => {
    await expect(writePictureFile(at('map.jpg'), raster)).rejects.toThrow(
      /map\.jpg: .* allowed: names that end in \.png/,
    );
    expect(readdirSync(folder)).not.toContain('map.jpg');
  });

  test('cut short is refused', async () => {
    await writePictureFile(at('whole.png'), {
      width: 64,
      height: 64,
      data: new Uint8ClampedArray(16384).fill(9),
    });
    writeFileSync(at('cut.png'), readFileSync(at('whole.png')).subarray(0, 60));
    await expect(readPictureFile(at('cut.png'))).rejects.toThrow(/cut\.png: got/);
  });

  test('where none can be written is named, and nothing is left behind', async () => {
    const before = readdirSync(folder);
    await expect(writePictureFile(at('absent/map.png'), raster)).rejects.toThrow(
      /to write .*absent.map\.png: got/,
    );
    expect(readdirSync(folder)).toEqual(before);
  });
});
